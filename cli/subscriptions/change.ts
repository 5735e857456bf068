import type { SubscriptionAnswer } from '../alert-answers.ts';
import { apiClient, apiOptions } from '../api-client.ts';
import { parseCommand } from '../command.ts';
import { readCliConfig } from '../config.ts';
import { oneLine, printJson } from '../terminal-text.ts';
import { columnsOf } from './list.ts';

/** `sluice subscriptions pause <id>` */
export const pauseSubscription = (args: readonly string[]): Promise<number> =>
  change(args, 'pauses', (path) => ['POST', `${path}/pause`]);

/** `sluice subscriptions resume <id>` */
export const resumeSubscription = (args: readonly string[]): Promise<number> =>
  change(args, 'resumes', (path) => ['POST', `${path}/resume`]);

/** `sluice subscriptions delete <id>` */
export const deleteSubscription = (args: readonly string[]): Promise<number> =>
  change(args, 'deletes', (path) => ['DELETE', path]);

async function change(
  args: readonly string[],
  verb: string,
  requestFor: (path: string) => readonly ['POST' | 'DELETE', string],
): Promise<number> {
  const { values, positionals } = parseCommand(args, apiOptions, ['<id>']);
  const [id = ''] = positionals;
  const api = apiClient(values, readCliConfig());
  // With --json, standard output has only the answer.
  (values.json ? console.error : console.log)(
    oneLine(`${verb} subscription ${id} through ${api.target}`, 500),
  );
  const [method, path] = requestFor(`/v1/subscriptions/${encodeURIComponent(id)}`);
  const answer = await api.send<SubscriptionAnswer>(method, path);
  if (values.json) printJson(answer);
  else console.log(method === 'DELETE' ? 'deleted' : columnsOf(answer).join('  ').trimEnd());
  return 0;
}
