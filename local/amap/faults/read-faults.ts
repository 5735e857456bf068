import { AMAP_CODES } from '../../../domain/weather/amap.ts';
import {
  type Fields,
  field,
  fieldsOf,
  numberIn,
  refuseOthers,
  textIn,
  wholeIn,
} from '../../faults/json-fields.ts';

interface When {
  /** Absent: every city. */
  readonly adcodes?: readonly string[];
  /** How likely it is, from 0 to 1. */
  readonly rate: number;
  /** How often at most; absent: without end. */
  readonly count?: number;
}

/** Answers that are not what they should be. */
const SPOILT = [
  ...(['html', 'half json', 'cut', 'array', 'number', 'huge', 'gzip'] as const),
  ...(['empty', 'bad cast', 'wrong adcode'] as const),
];
export type SpoiltFault = (typeof SPOILT)[number];

/** One fault: a refusal of AMap's, an HTTP status, a wait, no answer, or a spoilt one. */
export type FaultRule = When &
  (
    | { readonly do: 'infocode'; readonly code: string; readonly info: string }
    | { readonly do: 'http'; readonly status: number; readonly retryAfter?: string }
    | { readonly do: 'delay'; readonly ms: number }
    | { readonly do: 'hang' | 'stall' | 'reset' | SpoiltFault }
  );

/** All that can be wished for. */
export interface FaultSettings {
  readonly rules: readonly FaultRule[];
  readonly seed: number;
  /** Calls that are answered in any second; the others are refused with 10021. Absent: any number. */
  readonly qps?: number;
  /** Calls that are answered on a day of Beijing's; the others are refused with 10003. Absent: any number. */
  readonly daily?: number;
  /** The share of the cities that each issue from the next one on changes; absent: the usual one. */
  readonly change?: number;
}

const LONGEST_DELAY_MS = 600_000;
const MANY = 2 ** 31;
const KINDS = ['infocode', 'http', 'delay', 'hang', 'stall', 'reset', ...SPOILT];
const when = ['adcodes', 'rate', 'count', 'do'];

/** Reads posted settings; throws BadFaults with one sentence about the first thing that is wrong. */
export function readFaults(value: unknown): FaultSettings {
  const fields = fieldsOf(value, 'the body');
  refuseOthers(fields, ['rules', 'seed', 'qps', 'daily', 'change'], 'the body');
  const taken = (each: unknown) => (Array.isArray(each) ? each : undefined);
  const rules = field(fields, 'rules', 'an array of rules', taken, []);
  return {
    rules: rules.map((rule, index) => readRule(fieldsOf(rule, `rules[${index}]`), `rules[${index}]`)),
    seed: wholeIn(fields, 'seed', { from: 0, to: 2 ** 32 - 1, fallback: 1 }),
    ...(fields.qps === undefined ? {} : { qps: wholeIn(fields, 'qps', { from: 1, to: MANY }) }),
    ...(fields.daily === undefined ? {} : { daily: wholeIn(fields, 'daily', { from: 0, to: MANY }) }),
    ...(fields.change === undefined ? {} : { change: numberIn(fields, 'change', { from: 0, to: 1 }) }),
  };
}

function readRule(fields: Fields, at: string): FaultRule {
  const kind = textIn(fields, 'do', { at, allowed: KINDS });
  const common = readWhen(fields, at);
  if (kind === 'infocode') {
    refuseOthers(fields, [...when, 'code', 'info'], at);
    const code = textIn(fields, 'code', { at });
    const fallback = AMAP_CODES.get(code)?.name ?? 'A_FAULT_THAT_WAS_WISHED_FOR';
    return { ...common, do: kind, code, info: textIn(fields, 'info', { at, fallback }) };
  }
  if (kind === 'http') {
    refuseOthers(fields, [...when, 'status', 'retryAfter'], at);
    const status = wholeIn(fields, 'status', { at, from: 200, to: 599 });
    if (fields.retryAfter === undefined) return { ...common, do: kind, status };
    return { ...common, do: kind, status, retryAfter: textIn(fields, 'retryAfter', { at }) };
  }
  if (kind === 'delay') {
    refuseOthers(fields, [...when, 'ms'], at);
    return { ...common, do: kind, ms: wholeIn(fields, 'ms', { at, from: 0, to: LONGEST_DELAY_MS }) };
  }
  refuseOthers(fields, when, at);
  return { ...common, do: kind as SpoiltFault };
}

function readWhen(fields: Fields, at: string): When {
  const adcodes = field(fields, 'adcodes', 'an array of adcodes', textsIn, undefined, at);
  return {
    rate: numberIn(fields, 'rate', { at, from: 0, to: 1, fallback: 1 }),
    ...(fields.count === undefined ? {} : { count: wholeIn(fields, 'count', { at, from: 0, to: MANY }) }),
    ...(adcodes === undefined ? {} : { adcodes }),
  };
}

/** An array of texts as it is; undefined for all else. */
export const textsIn = (value: unknown): string[] | undefined =>
  Array.isArray(value) && value.every((each) => typeof each === 'string') ? value : undefined;
