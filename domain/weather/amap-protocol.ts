import { createHash } from 'node:crypto';
import type { FailureClass } from './provider-failure.ts';

/** The meaning of an AMap infocode. */
interface AmapInfocode {
  readonly class: FailureClass;
  /** The value of `info` in AMap's answer. */
  readonly name: string;
}

const NAMES_BY_CLASS: Readonly<Record<FailureClass, Readonly<Record<string, string>>>> = {
  throttled: {
    10004: 'ACCESS_TOO_FREQUENT',
    10014: 'QPS_HAS_EXCEEDED_THE_LIMIT',
    // AMap uses this name for too many requests from one machine.
    10015: 'GATEWAY_TIMEOUT',
    10016: 'SERVER_IS_BUSY',
    10019: 'CQPS_HAS_EXCEEDED_THE_LIMIT',
    10020: 'CKQPS_HAS_EXCEEDED_THE_LIMIT',
    10021: 'CUQPS_HAS_EXCEEDED_THE_LIMIT',
  },
  transient: {
    10017: 'RESOURCE_UNAVAILABLE',
    20003: 'UNKNOWN_ERROR',
    // Other codes from 30000 on are not in this table, and are also transient.
    30001: 'ENGINE_RESPONSE_DATA_ERROR',
  },
  quota: {
    10003: 'DAILY_QUERY_OVER_LIMIT',
    10029: 'ABROAD_DAILY_QUERY_OVER_LIMIT',
    10044: 'USER_DAILY_QUERY_OVER_LIMIT',
    10045: 'USER_ABROAD_DAILY_QUERY_OVER_LIMIT',
    40000: 'QUOTA_PLAN_RUN_OUT',
    40002: 'SERVICE_EXPIRED',
    40003: 'ABROAD_QUOTA_PLAN_RUN_OUT',
  },
  configuration: {
    10001: 'INVALID_USER_KEY',
    10002: 'SERVICE_NOT_AVAILABLE',
    10005: 'INVALID_USER_IP',
    10006: 'INVALID_USER_DOMAIN',
    10007: 'INVALID_USER_SIGNATURE',
    10008: 'INVALID_USER_SCODE',
    10009: 'USERKEY_PLAT_NOMATCH',
    // AMap removes this block only on request.
    10010: 'IP_QUERY_OVER_LIMIT',
    10011: 'NOT_SUPPORT_HTTPS',
    10012: 'INSUFFICIENT_PRIVILEGES',
    10013: 'USER_KEY_RECYCLED',
    10026: 'INVALID_REQUEST',
    10041: 'NO_EFFECTIVE_INTERFACE',
  },
  place: {
    20000: 'INVALID_PARAMS',
    20001: 'MISSING_REQUIRED_PARAMS',
    20002: 'ILLEGAL_REQUEST',
    20011: 'INSUFFICIENT_ABROAD_PRIVILEGES',
    20012: 'ILLEGAL_CONTENT',
    20800: 'OUT_OF_SERVICE',
    20801: 'NO_ROADS_NEARBY',
    20802: 'ROUTE_FAIL',
    20803: 'OVER_DIRECTION_RANGE',
  },
};

/** The infocodes that AMap documents for its web services, except 10000, which means success. */
export const AMAP_INFOCODES: ReadonlyMap<string, AmapInfocode> = new Map(
  Object.entries(NAMES_BY_CLASS).flatMap(([failure, names]) =>
    Object.entries(names).map(([code, name]) => [code, { class: failure as FailureClass, name }] as const),
  ),
);

/** Returns AMap's name of a province for its official name: `浙江` for `浙江省`, `新疆` for `新疆维吾尔自治区`. */
export function amapProvince(name: string): string {
  return name.replace(/(?:省|市|(?:壮族|回族|维吾尔)?自治区|特别行政区)$/, '');
}

/**
 * Returns AMap's digital signature of a request, as an MD5 in hex. The MD5 is over all parameters except `sig`,
 * followed by the secret of the key. The parameters are sorted by name, and the values are not URL-encoded.
 */
export function amapSignature(parameters: Readonly<Record<string, string>>, secret: string): string {
  const signed = Object.keys(parameters)
    .sort()
    .map((name) => `${name}=${parameters[name]}`)
    .join('&');
  return createHash('md5')
    .update(signed + secret)
    .digest('hex');
}
