import type { SourceFile, TypeChecker } from 'typescript';

/** A replacement of a range of a file's text. */
export interface Change {
  readonly kind: string;
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

export const kinds: readonly string[];
export function mutantsOf(sourceFile: SourceFile, checker: TypeChecker): Generator<Change>;
