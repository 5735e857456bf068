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
  /** Paths; absent: every operation. */
  readonly operations?: readonly string[];
  /** How likely it is, from 0 to 1. */
  readonly rate: number;
  /** How often at most; absent: without end. */
  readonly count?: number;
}

interface Failure {
  readonly code: string;
  readonly status: number;
  readonly message: string;
}

/** One fault: an answered error, a wait, half an answer, a lost request, or the failure of single rows of batches. */
export type FaultRule = When &
  (
    | ({ readonly do: 'error' | 'row error' } & Failure)
    | { readonly do: 'delay'; readonly ms: number }
    | { readonly do: 'lose' | 'truncate' }
  );

export interface FaultSettings {
  readonly rules: readonly FaultRule[];
  readonly seed: number;
}

const LONGEST_DELAY_MS = 600_000;
const kinds = ['error', 'row error', 'delay', 'lose', 'truncate'];
const when = ['operations', 'rate', 'count', 'do'];

/** Reads posted rules; throws BadFaults with one sentence about the first thing that is wrong. */
export function readFaults(value: unknown): FaultSettings {
  const fields = fieldsOf(value, 'the body');
  refuseOthers(fields, ['rules', 'seed'], 'the body');
  const rules = field(
    fields,
    'rules',
    'an array of rules',
    (each) => (Array.isArray(each) ? each : undefined),
    [],
  );
  return {
    rules: rules.map((rule, index) => readRule(fieldsOf(rule, `rules[${index}]`), `rules[${index}]`)),
    seed: wholeIn(fields, 'seed', { from: 0, to: 2 ** 32 - 1, fallback: 1 }),
  };
}

function readRule(fields: Fields, at: string): FaultRule {
  const kind = textIn(fields, 'do', { at, allowed: kinds });
  const common = readWhen(fields, at);
  if (kind === 'delay') {
    refuseOthers(fields, [...when, 'ms'], at);
    return { ...common, do: kind, ms: wholeIn(fields, 'ms', { at, from: 0, to: LONGEST_DELAY_MS }) };
  }
  if (kind === 'lose' || kind === 'truncate') {
    refuseOthers(fields, when, at);
    return { ...common, do: kind };
  }
  refuseOthers(fields, [...when, 'code', 'status', 'message'], at);
  return {
    ...common,
    do: kind === 'error' ? 'error' : 'row error',
    code: textIn(fields, 'code', { at, fallback: 'OTSServerBusy' }),
    status: wholeIn(fields, 'status', { at, from: 400, to: 599, fallback: 503 }),
    message: textIn(fields, 'message', { at, fallback: 'A fault that was wished for.' }),
  };
}

function readWhen(fields: Fields, at: string): When {
  const operations = field(fields, 'operations', 'an array of operations', textsIn, undefined, at);
  return {
    rate: numberIn(fields, 'rate', { at, from: 0, to: 1, fallback: 1 }),
    ...(fields.count === undefined ? {} : { count: wholeIn(fields, 'count', { at, from: 0, to: 2 ** 31 }) }),
    ...(operations === undefined ? {} : { operations: operations.map(pathOf) }),
  };
}

/** Operations of the data plane may be named without their slash. */
const pathOf = (operation: string): string => (operation.startsWith('/') ? operation : `/${operation}`);

const textsIn = (value: unknown): string[] | undefined =>
  Array.isArray(value) && value.every((each) => typeof each === 'string') ? value : undefined;
