import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { INSTANCE, KEY_ID, SECRET } from '../local/tablestore/running-tablestore.ts';
import type { Client } from './tablestore-case.ts';

type Provider = typeof import('../../scripts/lib/python-tool.mjs');

const inProject = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

/** Installs the SDK for Python once. Without Python, returns undefined and prints a warning. */
export async function pythonWithSdk(): Promise<string | undefined> {
  const { providePythonTool }: Provider = await import(inProject('scripts/lib/python-tool.mjs'));
  const python = await providePythonTool({
    name: 'tablestore-python',
    requirements: inProject('test/tools/tablestore-python/requirements.txt'),
  });
  if (python === undefined)
    console.error(
      '\n!!! PYTHON IS NOT AVAILABLE: the local Tablestore WAS NOT TESTED with Python’s SDK !!!\n',
    );
  return python;
}

/** The unmodified Python SDK, which verifies the signature and the checksum of every answer. */
export const pythonClient = (python: string, endpoint: string, secret = SECRET): Client => ({
  name: 'python',
  async run(cases) {
    const program = inProject('test/tools/tablestore-python/run_cases.py');
    const child = spawn(python, [program], { stdio: 'pipe', timeout: 50_000 });
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
    child.stdin.end(JSON.stringify({ endpoint, instance: INSTANCE, keyId: KEY_ID, secret, cases }));
    const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
    if (code !== 0) throw new Error(`the Python client exited with ${code}: ${err}`);
    return JSON.parse(out);
  },
});
