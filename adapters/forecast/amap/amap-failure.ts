import { AMAP_INFOCODES } from '../../../domain/weather/amap-protocol.ts';
import type { ProviderFailure } from '../../../domain/weather/provider-failure.ts';

const MINUTE_MS = 60_000;

/**
 * What AMap's refusal of a call means. A code that nobody documented is transient and keeps its number: should all
 * places be refused with it, it may be a quota, for which AMap documents none. `subject` is what was asked for, `at` now
 * in epoch ms.
 */
export function amapFailure(
  refusal: { readonly infocode: string; readonly info: string },
  subject: string,
  at: number,
): ProviderFailure {
  const { infocode, info } = refusal;
  const known = AMAP_INFOCODES.get(infocode);
  return {
    class: known?.class ?? 'transient',
    code: infocode,
    reason: `AMap refused ${subject}: ${infocode} ${known?.name ?? info.slice(0, 200)}`.trimEnd(),
    // Whoever came too often is let in again with the next minute.
    ...(infocode === '10004' ? { afterMs: MINUTE_MS - (at % MINUTE_MS) } : {}),
  };
}
