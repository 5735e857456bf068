import { stringifyExactJson } from '../../domain/exact-json.ts';
import type { ExplainedRoute, Explanation } from '../../gateway/operator/explain.ts';
import { durationText, oneLine, prettyJson } from '../terminal-text.ts';

/** Maximum number of JSON lines shown for an event, and for an argument. */
const MAX_LINES = 16;
const LABEL_WIDTH = 13;

/** Formats an explanation: the event, its sender, each route, and the overall result. */
export function explanationText({ event, identity, sender, routes }: Explanation): string {
  const about = [
    labelledLine('event', `${oneLine(identity.id)}  of source ${oneLine(identity.source)}`),
    labelledLine('understood', prettyJson(event, LABEL_WIDTH, MAX_LINES)),
    labelledLine('sender', senderText(sender)),
  ];
  return [about.join('\n'), ...routes.map(routeText), outcomeText(routes)].join('\n\n');
}

const labelledLine = (label: string, text: string): string => `${label.padEnd(LABEL_WIDTH)}${text}`;

function senderText(sender: Explanation['sender']): string {
  if (sender === null) return 'every client may send it: the routes file has no sources';
  const { source, credentials } = sender;
  if (source === null) return 'no sender may send it: no entry of sources in the routes file matches it';
  const proof = credentials.length === 0 ? 'without credentials' : `with ${credentials.join(' or ')}`;
  return `entry ${source} of sources, ${proof}`;
}

function routeText(route: ExplainedRoute): string {
  const lines =
    route.verdict === 'start'
      ? startLines(route)
      : [noStartText(route).replace(`route ${route.route}: `, '')];
  const dialect = route.dialect === undefined ? '' : ` (dialect ${route.dialect})`;
  return [`route ${route.route}${dialect}: ${route.verdict}`, ...lines.map((line) => `  ${line}`)].join('\n');
}

function startLines(route: ExplainedRoute): string[] {
  const { workflow = '', queue = '', workflowId = '', signal, start, delayMs, argument } = route;
  const signalEffect = start === false ? 'no effect if no run is open' : 'starts the run if none is open';
  return [
    labelledLine('workflow', workflow),
    labelledLine('queue', queue),
    labelledLine('workflow id', workflowId),
    ...(signal === undefined ? [] : [labelledLine('signal', `${signal}; ${signalEffect}`)]),
    ...(delayMs === undefined ? [] : [labelledLine('delay', durationText(delayMs))]),
    labelledLine('argument', prettyJson(argument, LABEL_WIDTH + 2, MAX_LINES)),
  ];
}

/** Why a route starts nothing, in one sentence. */
export function noStartText({ failed, reason = '' }: ExplainedRoute): string {
  if (failed === undefined) return oneLine(reason);
  const { path, expected, actual } = failed;
  // The explanation has null for a missing value and for the value null.
  const actualText = actual === null ? 'missing or null' : stringifyExactJson(actual);
  const sentence = `${oneLine(path)} is ${oneLine(actualText, 200)}, but must match ${oneLine(stringifyExactJson(expected), 300)}`;
  return reason === '' ? sentence : `${sentence}; ${oneLine(reason)}`;
}

function outcomeText(routes: readonly ExplainedRoute[]): string {
  const routesWith = (verdict: ExplainedRoute['verdict']) =>
    routes.filter((route) => route.verdict === verdict);
  const [refused] = routesWith('refused');
  if (refused !== undefined) return `the event would be rejected (422) because of route ${refused.route}`;
  const starts = routesWith('start').map(({ route }) => route);
  return starts.length === 0
    ? 'the event would start nothing'
    : `the event would start or signal a run by: ${starts.join(', ')}`;
}
