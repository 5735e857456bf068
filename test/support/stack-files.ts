import { dirname, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root: the compiled file is in `dist/test/support`. */
const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));

/**
 * Returns Sluice's own source files in the asynchronous stack of the caller, without tests, innermost first. Source
 * maps must be enabled, as `npm test` does.
 */
export function stackFiles(): string[] {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = Number.POSITIVE_INFINITY;
  const { stack = '' } = new Error('stack');
  Error.stackTraceLimit = limit;
  const files = new Set<string>();
  for (const [, path = ''] of stack.matchAll(/^\s+at .*?\(?((?:file:\/\/)?\/[^\s()]+?):\d+:\d+\)?$/gm)) {
    const file = relative(root, path.startsWith('file:') ? fileURLToPath(path) : path);
    const isOwn = !file.startsWith('..') && !file.split(sep).includes('node_modules');
    if (isOwn && !file.startsWith(`test${sep}`) && !file.startsWith(`dist${sep}test${sep}`)) files.add(file);
  }
  return [...files];
}
