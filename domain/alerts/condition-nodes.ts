import type { Category, Severity } from '../weather/phenomena.ts';

/** The part of a day that a clause checks. `any`: one of the two is enough. */
export type When = 'day' | 'night' | 'any';

/** A category of phenomena that a condition can name. */
export type AlertCategory = Exclude<Category, 'unknown'>;

/**
 * One clause of a condition. Temperatures are in degrees Celsius. Defaults: `when` is `any`, and `of` is `max`. `minSev`
 * is 1, but 0 for the categories `clear` and `cloud`.
 */
export type Clause =
  | { readonly cat: AlertCategory; readonly minSev?: Severity; readonly when?: When }
  | { readonly tMinBelow: number }
  | { readonly tMaxAbove: number }
  /** The day is at least this much colder than today, which is the day before it. */
  | { readonly tDrop: number; readonly of?: 'max' | 'min'; readonly vs?: 'today' }
  /** A level of the Beaufort scale. */
  | { readonly windAtLeast: number; readonly when?: When }
  /** The whole text of the weather is one of these. */
  | { readonly textIn: readonly string[]; readonly when?: When }
  /** The text of the weather contains this one. */
  | { readonly textContains: string; readonly when?: When };

export type ConditionNode =
  | Clause
  | { readonly any: readonly ConditionNode[] }
  | { readonly all: readonly ConditionNode[] }
  | { readonly not: ConditionNode };

/** What must be true of a day's forecast. The root has the version of the schema. */
export type Condition = ConditionNode & { readonly v: 1 };

/** The condition of a subscription that names none. */
export const DEFAULT_CONDITION: Condition = { v: 1, any: [{ cat: 'rain' }, { cat: 'snow' }] };

/** The default of `minSev`. A clear or cloudy sky is never severe. */
export const defaultMinSeverity = (category: Category): Severity => (isHarmless(category) ? 0 : 1);

/** True for the categories without any severity. */
export const isHarmless = (category: unknown): boolean => category === 'clear' || category === 'cloud';
