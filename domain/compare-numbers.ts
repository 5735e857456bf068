import { type JsonNumber, numberText } from './exact-json.ts';

/** A decimal number: 0.`digits` times ten to the power of `exponent`. Zero has no digits. */
interface Decimal {
  readonly negative: boolean;
  readonly digits: string;
  readonly exponent: bigint;
}

/** With longer exponents, even reading the exponent would take time. */
const MAX_EXPONENT_DIGITS = 300;

function toDecimal(text: string): Decimal | undefined {
  const [, sign, whole = '', fraction = '', power = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  if (whole === '' || power.length > MAX_EXPONENT_DIGITS) return undefined;
  const all = whole + fraction;
  const first = /[1-9]/.exec(all)?.index;
  if (first === undefined) return { negative: false, digits: '', exponent: 0n };
  let end = all.length;
  while (all[end - 1] === '0') end--;
  return {
    negative: sign === '-',
    digits: all.slice(first, end),
    exponent: BigInt(power.replace('+', '')) + BigInt(whole.length - first),
  };
}

/**
 * Compares two numbers by value: negative if `a` is smaller, 0 if they are equal, positive if `a` is larger. The time does
 * not depend on the size of the exponents. Returns NaN if an exponent has more than 300 digits and the texts differ.
 */
export function compareNumbers(a: JsonNumber, b: JsonNumber): number {
  if (typeof a === 'number' && typeof b === 'number') return a < b ? -1 : a > b ? 1 : 0;
  const [textA, textB] = [numberText(a), numberText(b)];
  const [left, right] = [toDecimal(textA), toDecimal(textB)];
  if (left === undefined || right === undefined) return textA === textB ? 0 : Number.NaN;
  const [signA, signB] = [signOf(left), signOf(right)];
  if (signA !== signB || signA === 0) return signA - signB;
  if (left.exponent !== right.exponent) return left.exponent < right.exponent ? -signA : signA;
  if (left.digits === right.digits) return 0;
  // Both have digits after the same decimal point and no zeros at the end, so they compare as texts.
  return left.digits < right.digits ? -signA : signA;
}

const signOf = ({ negative, digits }: Decimal): number => (digits === '' ? 0 : negative ? -1 : 1);

/** Returns the same text for equal numbers: JavaScript's text if a double has exactly this value. */
export function canonicalNumberText(number: JsonNumber): string {
  if (typeof number === 'number') return String(number);
  const rounded = Number(number.text);
  if (Number.isFinite(rounded) && compareNumbers(rounded, number) === 0) return String(rounded);
  const decimal = toDecimal(number.text);
  if (decimal === undefined) return number.text;
  return `${decimal.negative ? '-' : ''}0.${decimal.digits}e${decimal.exponent}`;
}
