import { minuteText, type PreviewAnswer, placeText, problemText } from './alert-answers.ts';
import { apiAccessHelp, apiClient, apiOptions } from './api-client.ts';
import { parseCommand } from './command.ts';
import { readCliConfig } from './config.ts';
import { oneLine, printJson } from './terminal-text.ts';

/** The text of `sluice preview --help`. */
export const help = `
Shows the next message of a subscription as it would be sent now, and why it would be sent or not.

usage: sluice preview <id> [--json]
${apiAccessHelp}
`;

/** What the reasons of the api mean. */
const REASONS: Readonly<Record<PreviewAnswer['reason'], string>> = {
  match: 'the condition is true',
  always: 'it is sent every day',
  no_data: 'the forecast is missing, too old or incomplete',
  no_match: 'the condition is not true',
  not_a_day: 'the subscription is not for this day',
  paused: 'the subscription is paused',
  muted: 'the subscription is muted',
  cancelled: 'the subscription is deleted',
  over: 'the time for a message about its only day is over',
  channel_disabled: 'its channel is disabled',
};

/** Prints the decision, each clause of the condition, and the text. */
export async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseCommand(args, apiOptions, ['<id>']);
  const [id = ''] = positionals;
  const api = apiClient(values, readCliConfig());
  const preview = await api.get<PreviewAnswer>(`/v1/subscriptions/${encodeURIComponent(id)}/preview`);
  if (values.json) printJson(preview);
  else for (const line of previewLines(id, preview)) console.log(line);
  return 0;
}

function previewLines(id: string, preview: PreviewAnswer): string[] {
  const { date, dueAt, wouldSend, reason, clauses, text, holidayData, staleSince } = preview;
  const decision = `${wouldSend ? 'a message' : 'nothing'} would be sent: ${REASONS[reason]}`;
  const disabled = preview.channelDisabled;
  return [
    `${placeText(id.slice(0, 6))}, ${date}, due ${minuteText(dueAt)}: ${oneLine(decision, 300)}`,
    ...(disabled === undefined
      ? []
      : [
          `  disabled since ${minuteText(disabled.at)}: ${oneLine(problemText(disabled.code, disabled.meaning), 200)}`,
        ]),
    ...clauses.map(clauseText),
    ...(staleSince === undefined
      ? []
      : [`  the forecast is old: it was fetched at ${minuteText(staleSince)}`]),
    ...(holidayData === 'unknown' ? [`  the public holidays of ${date.slice(0, 4)} are not known yet`] : []),
    ...(text === null ? [] : ['', text.title, '', ...text.markdown.split('\n').map((line) => `  ${line}`)]),
  ];
}

/** One comparison of the condition, with the values of the forecast that decided it. */
function clauseText({ id, result, decidedBy }: PreviewAnswer['clauses'][number]): string {
  const values = decidedBy.map(({ date, field, text }) => `${date} ${field} ${text || 'missing'}`);
  return `  ${String(result).padEnd(8)}${id}  ${oneLine(values.join(', '), 200)}`;
}
