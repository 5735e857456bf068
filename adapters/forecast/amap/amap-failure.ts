import { AMAP_INFOCODES } from '../../../domain/weather/amap-protocol.ts';
import type { ProviderFailure } from '../../../domain/weather/provider-failure.ts';

const MINUTE_MS = 60_000;

/**
 * Classifies an error answer of AMap. An undocumented code is transient. The failure contains the code, so that a
 * person can see if all places fail with the same code, for example because of an undocumented quota. `subject` names
 * the request, `at` is the current time in epoch ms.
 */
export function amapFailure(
  refusal: { readonly infocode: string; readonly info: string },
  subject: string,
  at: number,
): ProviderFailure {
  const { infocode, info } = refusal;
  const documented = AMAP_INFOCODES.get(infocode);
  return {
    class: documented?.class ?? 'transient',
    code: infocode,
    reason: `AMap rejected ${subject}: ${infocode} ${documented?.name ?? info.slice(0, 200)}`.trimEnd(),
    // 10004 is the limit per minute.
    ...(infocode === '10004' ? { afterMs: MINUTE_MS - (at % MINUTE_MS) } : {}),
  };
}
