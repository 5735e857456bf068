import { placeText } from './alert-answers.ts';
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

/** One comparison of the condition, with the values of the forecast that decided it. */
interface Clause {
  readonly id: string;
  readonly result: boolean | 'unknown';
  readonly decidedBy: readonly { readonly date: string; readonly field: string; readonly text: string }[];
}

interface PreviewAnswer {
  readonly date: string;
  readonly dueAt: string | null;
  readonly wouldSend: boolean;
  readonly reason?: string | null;
  readonly clauses?: readonly Clause[];
  readonly notes?: readonly string[];
  readonly text: { readonly title: string; readonly markdown: string } | null;
}

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
  const { date, dueAt, wouldSend, reason, clauses = [], notes = [], text } = preview;
  const decision = wouldSend
    ? 'a message would be sent'
    : `nothing would be sent${reason ? `: ${reason}` : ''}`;
  return [
    `${placeText(id.slice(0, 6))}, ${date}${dueAt === null ? '' : `, due ${dueAt}`}: ${oneLine(decision, 300)}`,
    ...clauses.map(clauseText),
    ...notes.map((note) => `  ${oneLine(note, 300)}`),
    ...(text === null ? [] : ['', text.title, '', ...text.markdown.split('\n').map((line) => `  ${line}`)]),
  ];
}

function clauseText({ id, result, decidedBy }: Clause): string {
  const values = decidedBy.map(({ date, field, text }) => `${date} ${field} ${text || 'missing'}`);
  return `  ${String(result).padEnd(8)}${id}  ${oneLine(values.join(', '), 200)}`;
}
