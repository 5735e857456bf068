import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

type Provider = typeof import('../../scripts/lib/conformance-tool.mjs');

const run = promisify(execFile);

/** The CloudEvents project's conformance tool and its files. */
export interface ConformanceTool {
  /** The path of a file or folder of the tool, such as `yaml/v1.yaml`. */
  file(path: string): string;
  /** Runs the tool. Rejects if its exit code is not 0, which means that an answer was not 2xx. */
  run(...args: readonly string[]): Promise<void>;
}

/** Builds the tool once with Go. Without Go it prints a warning and returns undefined. */
export async function conformanceTool(): Promise<ConformanceTool | undefined> {
  const script = fileURLToPath(new URL('../../../scripts/lib/conformance-tool.mjs', import.meta.url));
  const { provideConformanceTool }: Provider = await import(script);
  const folder = await provideConformanceTool();
  if (folder === undefined) {
    console.error(
      "\n!!! Go is not installed: the CloudEvents project's own conformance tool DID NOT RUN !!!\n",
    );
    return undefined;
  }
  return {
    file: (path) => join(folder, path),
    async run(...args) {
      await run(join(folder, 'cloudevents'), args, { timeout: 30_000 });
    },
  };
}
