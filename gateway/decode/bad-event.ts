import { InvalidInput } from '../../domain/errors.ts';

/**
 * A request that is not a valid event. `status` is the status of the answer. `attribute` is the name of the invalid
 * attribute, if there is one.
 */
export class BadEvent extends InvalidInput {
  readonly status: 400 | 413 | 415;
  readonly attribute: string | undefined;

  constructor(
    message: string,
    { attribute, status = 400 }: { attribute?: string; status?: 400 | 413 | 415 } = {},
  ) {
    super('BadEvent', message);
    this.attribute = attribute;
    this.status = status;
  }
}

/** Formats a value for a message: quoted, without control characters, shortened. */
export const quoteForMessage = (value: unknown): string => {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 100 ? `${text.slice(0, 99)}…` : text;
};
