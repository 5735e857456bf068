import { WireError } from '../../../ots/errors.ts';
import { type Message, message } from '../../../ots/wire/message.ts';
import { decodeVariant } from '../../../ots/wire/plain-buffer-reader.ts';
import type { CellValue } from '../../../ots/wire/row.ts';
import { parameterInvalid } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import { hasTooManyFields } from '../too-many-fields.ts';
import { checkColumnName } from './check-names.ts';

export type Comparator =
  | 'CT_EQUAL'
  | 'CT_NOT_EQUAL'
  | 'CT_GREATER_THAN'
  | 'CT_GREATER_EQUAL'
  | 'CT_LESS_THAN'
  | 'CT_LESS_EQUAL';

export interface ColumnFilter {
  readonly kind: 'column';
  readonly comparator: Comparator;
  readonly column: string;
  readonly value: CellValue;
  readonly passIfMissing: boolean;
  readonly latestOnly: boolean;
}

export interface LogicalFilter {
  readonly kind: 'not' | 'and' | 'or';
  readonly filters: readonly RowFilter[];
}

/** A filter that includes or excludes whole rows. */
export type RowFilter = ColumnFilter | LogicalFilter;

/** A filter that selects `limit` columns of a row, from `offset` on. */
export interface ColumnPage {
  readonly kind: 'page';
  readonly offset: number;
  readonly limit: number;
}

interface Wrapped {
  readonly type: 'FT_SINGLE_COLUMN_VALUE' | 'FT_COMPOSITE_COLUMN_VALUE' | 'FT_COLUMN_PAGINATION';
  readonly filter: Buffer;
}

interface SingleMessage {
  readonly comparator: Comparator;
  readonly columnName: string;
  readonly columnValue: Buffer;
  readonly filterIfMissing: boolean;
  readonly latestVersionOnly: boolean;
}

interface CompositeMessage {
  readonly combinator: keyof typeof combinators;
  readonly subFilters: readonly Wrapped[];
}

const combinators = { LO_NOT: 'not', LO_AND: 'and', LO_OR: 'or' } as const;

/**
 * The maximum number of fields of a composite filter. There is one for its combinator, and three for each sub-filter:
 * the sub-filter, its type and its bytes.
 */
const MAX_FIELDS = 1 + 3 * LIMITS.filters;

const filters = message<Wrapped>('Filter');
const singles = message<SingleMessage>('SingleColumnValueFilter');
const composites = message<CompositeMessage>('CompositeColumnValueFilter');
const pages = message<Omit<ColumnPage, 'kind'>>('ColumnPaginationFilter');

/** Reads a filter of a read request. Throws OTSParameterInvalid. */
export function readFilter(bytes: Buffer): RowFilter | ColumnPage {
  const wrapped = decode('filter', filters, bytes);
  if (wrapped.type === 'FT_COLUMN_PAGINATION') return readPage(wrapped.filter);
  return readRowFilter(wrapped, LIMITS.filterDepth, { filters: LIMITS.filters });
}

/** Reads the filter of a condition, which must apply to whole rows. Throws OTSParameterInvalid. */
export function readConditionFilter(bytes: Buffer): RowFilter {
  const filter = readFilter(bytes);
  if (filter.kind === 'page') throw parameterInvalid('Invalid condition: FT_COLUMN_PAGINATION.');
  return filter;
}

/**
 * Reads a filter within limits. `depth` is the remaining depth, `remaining.filters` the remaining number of
 * comparisons in the whole filter. Reading stops at the limit.
 */
function readRowFilter({ type, filter }: Wrapped, depth: number, remaining: { filters: number }): RowFilter {
  if (depth === 0) throw parameterInvalid(`The depth of filter exceeds the max:${LIMITS.filterDepth}.`);
  if (type === 'FT_COMPOSITE_COLUMN_VALUE') return readComposite(filter, depth, remaining);
  if (type !== 'FT_SINGLE_COLUMN_VALUE') throw parameterInvalid(`Invalid type of sub-filter: ${type}.`);
  if (remaining.filters === 0) throw tooManyFilters();
  remaining.filters--;
  return readSingle(filter);
}

const tooManyFilters = () => parameterInvalid(`The count of filter exceeds the max:${LIMITS.filters}.`);

function readSingle(bytes: Buffer): ColumnFilter {
  const single = decode('relation filter', singles, bytes);
  checkColumnName(single.columnName);
  return {
    kind: 'column',
    comparator: single.comparator,
    column: single.columnName,
    value: parse('relation filter', () => decodeVariant(single.columnValue)),
    passIfMissing: !single.filterIfMissing,
    latestOnly: single.latestVersionOnly,
  };
}

function readComposite(bytes: Buffer, depth: number, remaining: { filters: number }): LogicalFilter {
  if (hasTooManyFields(composites.name, bytes, MAX_FIELDS)) throw tooManyFilters();
  const { combinator, subFilters } = decode('composite filter', composites, bytes);
  const kind = combinators[combinator];
  if (kind === 'not' && subFilters.length !== 1)
    throw parameterInvalid('Invalid NOT operator: the number of sub-filters must be 1.');
  if (kind !== 'not' && subFilters.length < 2)
    throw parameterInvalid('Invalid AND/OR operator: the number of sub-filters must be 2.');
  return { kind, filters: subFilters.map((subFilter) => readRowFilter(subFilter, depth - 1, remaining)) };
}

function readPage(bytes: Buffer): ColumnPage {
  const { offset, limit } = decode('column pagination filter', pages, bytes);
  if (offset < 0)
    throw parameterInvalid('Offset in ColumnPaginationFilter must be greater than or equal to 0.');
  if (limit <= 0) throw parameterInvalid('Limit in ColumnPaginationFilter must be greater than 0.');
  return { kind: 'page', offset, limit };
}

function decode<T>(subject: string, codec: Message<T>, bytes: Buffer): T {
  if (hasTooManyFields(codec.name, bytes, MAX_FIELDS))
    throw parameterInvalid(`Deserialize ${subject} failed: it has more than ${MAX_FIELDS} fields.`);
  return parse(subject, () => codec.decode(bytes, { strict: true }));
}

function parse<T>(subject: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof WireError) throw parameterInvalid(`Deserialize ${subject} failed: ${error.message}`);
    throw error;
  }
}
