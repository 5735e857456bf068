import type { ParkedRequest, ParkedResult } from '../../domain/parked-request.ts';
import { resolveTemporal, temporalOptions } from '../addresses.ts';
import { parseCommand } from '../command.ts';
import { readCliConfig } from '../config.ts';
import { statusText } from '../runs/describe-run.ts';
import { withTemporal } from '../temporal-client.ts';
import { ageText, oneLine, printable, printJson } from '../terminal-text.ts';
import { findParked, type ParkedRun, readParked } from './parked-runs.ts';
import { parkedResultOf } from './settle-parked.ts';

const options = { ...temporalOptions, json: { type: 'boolean', default: false } } as const;

/** `sluice parked show <id>`: shows a complete parked request. */
export async function showParked(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseCommand(args, options, ['<id>']);
  const [id = ''] = positionals;
  return withTemporal(resolveTemporal(values, readCliConfig()), async (temporal) => {
    const run = await findParked(temporal, id);
    const request = await readParked(temporal, run);
    const end = run.runStatus === 'COMPLETED' ? await parkedResultOf(temporal, run) : undefined;
    const { runId, runStatus, parkedAt } = run;
    if (values.json) printJson({ id, runId, runStatus, parkedAt, ...request, end });
    else console.log(textOf(run, request, end));
    return 0;
  });
}

function textOf(run: ParkedRun, request: ParkedRequest, parkedResult: ParkedResult | undefined): string {
  const { event, deadLetter, body, bodyEncoding } = request;
  const rows: [string, string | undefined][] = [
    ['id', run.id],
    ['state', stateOf(run, parkedResult)],
    ['status', String(request.status)],
    ['reason', request.reason],
    ['route', request.route],
    ['source', event.source],
    ['type', event.type],
    ['event id', event.id],
    ['subject', event.subject],
    ['time', event.time],
    ['received', `${request.receivedAt} (${ageText(request.receivedAt)})`],
    ['credentials', proofText(request)],
    ['dead letter for', deadLetter?.destination],
    ['status there', deadLetter?.code === undefined ? undefined : String(deadLetter.code)],
    ['answer there', deadLetter?.data],
  ];
  const known = rows.flatMap(([label, text]) =>
    text === undefined ? [] : [`${label.padEnd(13)}${oneLine(text)}`],
  );
  const { length } = Buffer.from(body, bodyEncoding);
  const title = `body, ${length} bytes${bodyEncoding === 'base64' ? ', in base64' : ''}:`;
  return [
    ...known,
    '',
    `POST ${oneLine(request.path)}`,
    ...headerLines(request),
    '',
    title,
    printable(body),
  ].join('\n');
}

/** The headers of a request, one line each. */
export const headerLines = ({ headers }: Pick<ParkedRequest, 'headers'>): string[] =>
  Object.entries(headers).flatMap(([name, value]) =>
    [value].flat().map((each) => `${name}: ${oneLine(each)}`),
  );

/** The credentials that the request had. */
function proofText({ proof }: ParkedRequest): string {
  if (proof === undefined) return 'not recorded';
  const names = [...proof.senders, ...(proof.operator ? ['an operator'] : [])];
  return names.length === 0 ? 'none' : names.join(', ');
}

function stateOf({ runStatus }: ParkedRun, parkedResult: ParkedResult | undefined): string {
  if (runStatus === 'RUNNING') return 'parked';
  return parkedResult === undefined ? statusText(runStatus) : `${parkedResult.outcome}: ${parkedResult.note}`;
}
