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
  const answer = await api.send<{ readonly deliveryId?: string; readonly status?: string }>(
    'POST',
    `/v1/deliveries/${encodeURIComponent(id)}/resend`,
  );
  if (values.json) printJson(answer);
  else console.log([answer.deliveryId, answer.status].filter(Boolean).join('  ') || 'accepted');
  return 0;
}
