import { Agent, createServer, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decodeRecord, type RawRecord } from '../../ots/tunnel/tunnel-record.ts';
import { message } from '../../ots/wire/message.ts';

const asked = {
  '/tunnel/readrecords': message<ChannelCall>('ReadRecordsRequest'),
  '/tunnel/checkpoint': message<ChannelCall>('CheckpointRequest'),
  '/tunnel/getcheckpoint': message<ChannelCall>('GetCheckpointRequest'),
} as const;
const page = message<{ records: RawRecord[] }>('ReadRecordsResponse');

interface ChannelCall {
  readonly clientId: string;
  readonly channelId: string;
}

/** A call about a channel that the service has answered. */
export interface SeenCall extends ChannelCall {
  /** When it came, in epoch ms. */
  readonly at: number;
  readonly path: keyof typeof asked;
  readonly status: number;
  /** The changes of a page by their commit times, in µs; they are unique. */
  readonly changes: readonly bigint[];
}

/** Changes a page's records before the client gets them. */
export type AlterRecords = (records: readonly RawRecord[]) => RawRecord[];

/** Stands between a client and the local Tablestore, and keeps what is said of channels. */
export async function startSourceProxy(target: number) {
  let alter: AlterRecords | undefined;
  const calls: SeenCall[] = [];
  const agent = new Agent({ keepAlive: true });

  const note = (at: number, path: string, question: Buffer, status: number, answer: Buffer): void => {
    if (!isWatched(path)) return;
    const { clientId, channelId } = asked[path].decode(question);
    const records = path === '/tunnel/readrecords' && status === 200 ? page.decode(answer).records : [];
    const changes = records.map((record) => decodeRecord(record).sequence?.timestamp ?? 0n);
    calls.push({ at, path, clientId, channelId, status, changes });
  };
  const server = createServer((incoming, response) => {
    const at = Date.now();
    void (async () => {
      const body = await bytesOf(incoming);
      const answer = await forward(target, agent, incoming, body);
      note(at, incoming.url ?? '', body, answer.status, answer.body);
      const isPage = incoming.url === '/tunnel/readrecords' && answer.status === 200;
      const { status, headers, body: bytes } = isPage && alter ? altered(answer, alter) : answer;
      response.writeHead(status, headers).end(bytes);
    })().catch(() => incoming.socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** In the order in which they were answered. */
    calls: calls as readonly SeenCall[],
    /** From now on; undefined: as they are. */
    alter(how: AlterRecords | undefined): void {
      alter = how;
    },
    async stop(): Promise<void> {
      agent.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const isWatched = (path: string): path is keyof typeof asked => path in asked;

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Without checksum and signature, which are looked at where they are there. */
function altered({ status, headers, body }: Answer, alter: AlterRecords): Answer {
  const { 'x-ots-contentmd5': _, authorization: __, ...rest } = headers;
  const told = page.decode(body);
  const bytes = page.encode({ ...told, records: alter(told.records) });
  return { status, headers: { ...rest, 'content-length': String(bytes.length) }, body: bytes };
}

function forward(port: number, agent: Agent, incoming: IncomingMessage, body: Buffer): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { method, url: path, headers } = incoming;
    const sent = request({ host: '127.0.0.1', port, method, path, headers, agent }, (answer) => {
      bytesOf(answer).then((bytes) => {
        const { 'transfer-encoding': _, connection: __, ...rest } = answer.headers;
        const length = { 'content-length': String(bytes.length) };
        resolve({ status: answer.statusCode ?? 0, headers: { ...rest, ...length }, body: bytes });
      }, reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

async function bytesOf(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}
