export interface Output {
  write(text: string): unknown;
  isTTY?: boolean;
  columns?: number;
  hasColors?(): boolean;
}

export class StepFailed extends Error {
  constructor(name: string, cause: unknown);
}

export type Progress = (text: string) => void;

export interface Steps {
  step<T>(
    name: string,
    work: (progress: Progress) => Promise<T>,
    note?: (result: T, elapsed: string) => string,
  ): Promise<T>;
  paint(code: number, text: string): string;
}

export function duration(ms: number): string;
export function createSteps(out?: Output): Steps;
export function failureLines(error: unknown): string[];
export function runScript(main: () => Promise<void>): Promise<void>;
