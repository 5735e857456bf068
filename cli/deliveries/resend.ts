import type { DeliveryAnswer } from '../alert-answers.ts';
import { apiClient, apiOptions } from '../api-client.ts';
import { parseCommand } from '../command.ts';
import { readCliConfig } from '../config.ts';
import { oneLine, printJson } from '../terminal-text.ts';

/** `sluice deliveries resend <id>` */
export async function resendDelivery(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseCommand(args, apiOptions, ['<id>']);
  const [id = ''] = positionals;
  const api = apiClient(values, readCliConfig());
  // With --json, standard output has only the answer.
  (values.json ? console.error : console.log)(
    oneLine(`sends delivery ${id} again through ${api.target}`, 500),
  );
  const path = `/v1/deliveries/${encodeURIComponent(id)}/resend`;
  const answer = await api.send<DeliveryAnswer>('POST', path);
  if (values.json) printJson(answer);
  else console.log(`${answer.id}  ${answer.status}`);
  return 0;
}
