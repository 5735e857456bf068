export interface SlowRegex {
  readonly line: number;
  readonly literal: string;
  /** The characters that make the time grow, as a regular expression. */
  readonly character: string;
}

export function slowRegexesIn(text: string): Promise<{ checked: number; slow: SlowRegex[] }>;
