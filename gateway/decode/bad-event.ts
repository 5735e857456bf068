import { InvalidInput } from '../../domain/errors.ts';

/** A request that cannot be read as an event; `status` is the HTTP answer, `attribute` the culprit if there is one. */
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

/** A value for a message: quoted, without control characters, cut. */
export const quoteForMessage = (value: unknown): string => {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 100 ? `${text.slice(0, 99)}…` : text;
};
