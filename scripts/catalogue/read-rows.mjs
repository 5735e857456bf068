/** The readable files of this folder: one row a line, fields between spaces, `#` for remarks. */
import { readFileSync } from 'node:fs';

/** The rows of a file beside this one, each as its fields. */
export function readRows(name) {
  return readFileSync(new URL(name, import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(' '));
}
