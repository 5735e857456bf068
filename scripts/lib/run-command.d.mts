export class CommandFailed extends Error {
  readonly outputLines: readonly string[];
  readonly remedy: string | undefined;
}

export function runCommand(
  command: string,
  args: readonly string[],
  options?: {
    cwd?: string;
    env?: NodeJS.ProcessEnv;
    timeoutMs?: number;
    remedy?: string;
    onLine?: (line: string) => void;
  },
): Promise<string>;
