import { isDeepStrictEqual } from 'node:util';
import type { NormalizedEvent, Verdict } from './verdicts.ts';

/** A difference between two decoders' verdicts on a request. `at` is the event's index. */
export type Discrepancy =
  | {
      readonly kind: 'only Sluice rejects';
      readonly sentence: string;
      readonly attribute: string | undefined;
    }
  | { readonly kind: 'only the package rejects'; readonly sentence: string }
  | { readonly kind: 'another number of events' }
  | {
      readonly kind: 'attribute';
      readonly at: number;
      readonly name: string;
      readonly bySluice: unknown;
      readonly byPackage: unknown;
    }
  | {
      readonly kind: 'data';
      readonly at: number;
      readonly bySluice: NormalizedEvent;
      readonly byPackage: NormalizedEvent;
    };

/** Returns all differences between the verdicts. The reasons of rejections are not compared. */
export function discrepancies(bySluice: Verdict, byPackage: Verdict): Discrepancy[] {
  if ('rejection' in bySluice) {
    if ('rejection' in byPackage) return [];
    return [{ kind: 'only Sluice rejects', sentence: bySluice.rejection, attribute: bySluice.attribute }];
  }
  if ('rejection' in byPackage) return [{ kind: 'only the package rejects', sentence: byPackage.rejection }];
  if (bySluice.events.length !== byPackage.events.length) return [{ kind: 'another number of events' }];
  return bySluice.events.flatMap((event, at) => eventDiscrepancies(event, byPackage.events[at] ?? {}, at));
}

const PAYLOAD = ['data', 'data_base64'];

function eventDiscrepancies(
  bySluice: NormalizedEvent,
  byPackage: NormalizedEvent,
  at: number,
): Discrepancy[] {
  const names = new Set(
    [...Object.keys(bySluice), ...Object.keys(byPackage)].filter((name) => !PAYLOAD.includes(name)),
  );
  const found: Discrepancy[] = [...names]
    .filter((name) => bySluice[name] !== byPackage[name])
    .map((name) => ({ kind: 'attribute', at, name, bySluice: bySluice[name], byPackage: byPackage[name] }));
  const [sluicePayload, packagePayload] = [payloadOf(bySluice), payloadOf(byPackage)];
  if (!isDeepStrictEqual(sluicePayload, packagePayload))
    found.push({ kind: 'data', at, bySluice: sluicePayload, byPackage: packagePayload });
  return found;
}

const payloadOf = (event: NormalizedEvent): NormalizedEvent =>
  Object.fromEntries(Object.entries(event).filter(([name]) => PAYLOAD.includes(name)));
