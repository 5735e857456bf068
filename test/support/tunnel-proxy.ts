import { Agent, createServer, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decodeRecord, type RawRecord } from '../../ots/tunnel/tunnel-record.ts';
import { message } from '../../ots/wire/message.ts';

const requestMessages = {
  '/tunnel/readrecords': message<ChannelCall>('ReadRecordsRequest'),
  '/tunnel/checkpoint': message<ChannelCall>('CheckpointRequest'),
  '/tunnel/getcheckpoint': message<ChannelCall>('GetCheckpointRequest'),
} as const;
const page = message<{ records: RawRecord[] }>('ReadRecordsResponse');

interface ChannelCall {
  readonly clientId: string;
  readonly channelId: string;
}

/** A call about a channel, with the service's answer. */
export interface RecordedCall extends ChannelCall {
  /** When the request arrived, in epoch ms. */
  readonly at: number;
  readonly path: keyof typeof requestMessages;
  readonly status: number;
  /** The changes of a page by their unique commit times, in µs. */
  readonly changes: readonly bigint[];
}

/** Changes the records of a page before the client gets them. */
export type AlterRecords = (records: readonly RawRecord[]) => RawRecord[];

/** A proxy between a client and the local Tablestore. It records the calls about channels. */
export async function startTunnelProxy(tablestorePort: number) {
  let alter: AlterRecords | undefined;
  const calls: RecordedCall[] = [];
  const agent = new Agent({ keepAlive: true });

  const recordCall = (
    at: number,
    path: string,
    requestBody: Buffer,
    status: number,
    answer: Buffer,
  ): void => {
    if (!isWatched(path)) return;
    const { clientId, channelId } = requestMessages[path].decode(requestBody);
    const records = path === '/tunnel/readrecords' && status === 200 ? page.decode(answer).records : [];
    const changes = records.map((record) => decodeRecord(record).sequence?.timestamp ?? 0n);
    calls.push({ at, path, clientId, channelId, status, changes });
  };
  const server = createServer((incoming, response) => {
    const at = Date.now();
    void (async () => {
      const body = await bytesOf(incoming);
      const answer = await forward(tablestorePort, agent, incoming, body);
      recordCall(at, incoming.url ?? '', body, answer.status, answer.body);
      const isPage = incoming.url === '/tunnel/readrecords' && answer.status === 200;
      const { status, headers, body: bytes } = isPage && alter ? alterAnswer(answer, alter) : answer;
      response.writeHead(status, headers).end(bytes);
    })().catch(() => incoming.socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** The recorded calls, in the order of their answers. */
    calls: calls as readonly RecordedCall[],
    /** Applies to all further pages; undefined: pages stay unchanged. */
    alter(change: AlterRecords | undefined): void {
      alter = change;
    },
    async stop(): Promise<void> {
      agent.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const isWatched = (path: string): path is keyof typeof requestMessages => path in requestMessages;

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Returns the changed answer without checksum and signature. Clients check these only if they are present. */
function alterAnswer({ status, headers, body }: Answer, alter: AlterRecords): Answer {
  const { 'x-ots-contentmd5': _, authorization: __, ...rest } = headers;
  const original = page.decode(body);
  const bytes = page.encode({ ...original, records: alter(original.records) });
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
