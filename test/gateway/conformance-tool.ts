import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

type Provider = typeof import('../../scripts/lib/conformance-tool.mjs');

const run = promisify(execFile);

/** The CloudEvents project's conformance tool and the files that it comes with. */
export interface ConformanceTool {
  /** A file or folder of the tool's own, such as `yaml/v1.yaml`. */
  file(path: string): string;
  /** Runs it; rejects when it does not end with 0, which is what it does unless every answer is 2xx. */
  run(...args: readonly string[]): Promise<void>;
}

/** The tool, built once with Go; without Go there is none, which one loud line says. */
export async function conformanceTool(): Promise<ConformanceTool | undefined> {
  const script = fileURLToPath(new URL('../../../scripts/lib/conformance-tool.mjs', import.meta.url));
  const { provideConformanceTool }: Provider = await import(script);
  const folder = await provideConformanceTool();
  if (folder === undefined) {
    console.error("\n!!! GO IS NOT THERE: the CloudEvents project's own conformance tool DID NOT RUN !!!\n");
    return undefined;
  }
  return {
    file: (path) => join(folder, path),
    async run(...args) {
      await run(join(folder, 'cloudevents'), args, { timeout: 30_000 });
    },
  };
}
