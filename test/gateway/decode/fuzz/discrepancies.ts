import { isDeepStrictEqual } from 'node:util';
import type { Normal, Verdict } from './verdicts.ts';

/** A difference between two decoders' verdicts on a request. `at` is the event's index. */
export type Discrepancy =
  | {
      readonly what: 'only Sluice rejects';
      readonly sentence: string;
      readonly attribute: string | undefined;
    }
  | { readonly what: 'only the package rejects'; readonly sentence: string }
  | { readonly what: 'another number of events' }
  | {
      readonly what: 'attribute';
      readonly at: number;
      readonly name: string;
      readonly ours: unknown;
      readonly theirs: unknown;
    }
  | { readonly what: 'data'; readonly at: number; readonly ours: Normal; readonly theirs: Normal };

/** Returns all differences between the verdicts. The reasons of rejections are not compared. */
export function discrepancies(ours: Verdict, theirs: Verdict): Discrepancy[] {
  if ('rejection' in ours) {
    if ('rejection' in theirs) return [];
    return [{ what: 'only Sluice rejects', sentence: ours.rejection, attribute: ours.attribute }];
  }
  if ('rejection' in theirs) return [{ what: 'only the package rejects', sentence: theirs.rejection }];
  if (ours.events.length !== theirs.events.length) return [{ what: 'another number of events' }];
  return ours.events.flatMap((event, at) => between(event, theirs.events[at] ?? {}, at));
}

const PAYLOAD = ['data', 'data_base64'];

function between(ours: Normal, theirs: Normal, at: number): Discrepancy[] {
  const names = new Set(
    [...Object.keys(ours), ...Object.keys(theirs)].filter((name) => !PAYLOAD.includes(name)),
  );
  const found: Discrepancy[] = [...names]
    .filter((name) => ours[name] !== theirs[name])
    .map((name) => ({ what: 'attribute', at, name, ours: ours[name], theirs: theirs[name] }));
  const [mine, other] = [payloadOf(ours), payloadOf(theirs)];
  if (!isDeepStrictEqual(mine, other)) found.push({ what: 'data', at, ours: mine, theirs: other });
  return found;
}

const payloadOf = (event: Normal): Normal =>
  Object.fromEntries(Object.entries(event).filter(([name]) => PAYLOAD.includes(name)));
