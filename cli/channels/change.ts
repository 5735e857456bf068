import { type ChannelTestAnswer, problemText } from '../alert-answers.ts';
import { apiClient, apiOptions } from '../api-client.ts';
import { parseCommand } from '../command.ts';
import { readCliConfig } from '../config.ts';
import { oneLine, printJson } from '../terminal-text.ts';

/** `sluice channels test <id>`. Returns 1 if the receiver did not accept the message. */
export async function testChannel(args: readonly string[]): Promise<number> {
  const { api, id, values, print } = prepare(args);
  print(`sends a test message to channel ${id} through ${api.target}`);
  const answer = await api.send<ChannelTestAnswer>('POST', `/v1/channels/${encodeURIComponent(id)}/test`);
  const problem = problemText(answer.code, answer.meaning);
  if (values.json) printJson(answer);
  else console.log(oneLine([answer.status, problem].filter(Boolean).join(': '), 500));
  return answer.status === 'sent' ? 0 : 1;
}

/** `sluice channels delete <id>` */
export async function deleteChannel(args: readonly string[]): Promise<number> {
  const { api, id, values, print } = prepare(args);
  print(`deletes channel ${id} through ${api.target}`);
  const answer = await api.send('DELETE', `/v1/channels/${encodeURIComponent(id)}`);
  if (values.json) printJson(answer);
  else console.log('deleted');
  return 0;
}

function prepare(args: readonly string[]) {
  const { values, positionals } = parseCommand(args, apiOptions, ['<id>']);
  const [id = ''] = positionals;
  // With --json, standard output has only the answer.
  const print = (line: string): void => (values.json ? console.error : console.log)(oneLine(line, 500));
  return { api: apiClient(values, readCliConfig()), id, values, print };
}
