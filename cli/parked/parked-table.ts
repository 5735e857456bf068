import { statusText } from '../runs/describe-run.ts';
import { age } from '../runs/durations.ts';
import { table } from '../table.ts';
import { oneLine } from '../terminal-text.ts';
import type { ParkedRun } from './parked-runs.ts';

const REASON = 60;
const STATES: Readonly<Record<string, string>> = { RUNNING: 'parked', COMPLETED: 'settled' };

/** Parked requests as lines with columns; with `settled` also what became of them. */
export function parkedTable(
  runs: readonly ParkedRun[],
  { settled }: { readonly settled: boolean },
): string[] {
  const state = (run: ParkedRun): string[] =>
    settled ? [STATES[run.runStatus] ?? statusText(run.runStatus)] : [];
  const rows = runs.map((run) => {
    const { status, event, reason } = run.memo;
    const names = [event.source, event.type, event.id].map((name) => oneLine(name ?? '-', 40));
    return [age(run.parkedAt), ...state(run), String(status), ...names, oneLine(reason, REASON), run.id];
  });
  const heading = [
    'PARKED',
    ...(settled ? ['STATE'] : []),
    'STATUS',
    'SOURCE',
    'TYPE',
    'EVENT',
    'REASON',
    'ID',
  ];
  return table([heading, ...rows]);
}
