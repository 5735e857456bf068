import { fileURLToPath } from 'node:url';

type Provider = typeof import('../../scripts/lib/go-tool.mjs');

/** The program of test/tools/knative, built once with Go; without Go there is none, which one loud line says. */
export async function knativeTool(): Promise<string | undefined> {
  const script = fileURLToPath(new URL('../../../scripts/lib/go-tool.mjs', import.meta.url));
  const { provideGoProgram }: Provider = await import(script);
  const program = await provideGoProgram('knative');
  if (program === undefined)
    console.error('\n!!! GO IS NOT THERE: the gateway DID NOT RUN behind Knative’s own data plane !!!\n');
  return program;
}
