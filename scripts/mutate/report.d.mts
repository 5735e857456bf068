export interface MutantResult {
  readonly id: string;
  readonly file: string;
  readonly line: number;
  readonly kind: string;
  readonly status: string;
  readonly before: string;
  readonly text: string;
}

export interface FolderResult {
  readonly folder: string;
  readonly mutants: number;
  readonly killed: number;
  readonly equivalent: number;
  readonly percent: number;
}

export function isInFolder(file: string, folder: string): boolean;
export function summarise(
  results: readonly MutantResult[],
  folders: readonly string[],
  equivalents: ReadonlyMap<string, string>,
): FolderResult[];
export function table(rows: readonly FolderResult[]): string;
export function survivors(results: readonly MutantResult[], equivalents: ReadonlyMap<string, string>): string;
