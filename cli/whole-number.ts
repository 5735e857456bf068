import { UsageError } from './command.ts';

/** The number that an option gives; throws `UsageError` naming option and value where it is none from `min` to `max`. */
export function wholeNumber(option: string, text: string, min: number, max: number): number {
  const number = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= min && number <= max) return number;
  throw new UsageError(`${option} is ${JSON.stringify(text)}; allowed: a whole number from ${min} to ${max}`);
}
