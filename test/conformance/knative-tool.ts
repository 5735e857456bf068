import { fileURLToPath } from 'node:url';

type Provider = typeof import('../../scripts/lib/go-tool.mjs');

/** Builds the program in test/tools/knative once. Without Go, returns undefined and prints a warning. */
export async function knativeTool(): Promise<string | undefined> {
  const script = fileURLToPath(new URL('../../../scripts/lib/go-tool.mjs', import.meta.url));
  const { provideGoProgram }: Provider = await import(script);
  const program = await provideGoProgram('knative');
  if (program === undefined)
    console.error(
      '\n!!! GO IS NOT AVAILABLE: the gateway WAS NOT TESTED with Knative’s own data plane !!!\n',
    );
  return program;
}
