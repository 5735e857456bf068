/** Reads the .txt files of this folder: one row a line, fields separated by spaces, `#` starts a comment. */
import { readFileSync } from 'node:fs';

/** The rows of a file in this folder, each as an array of fields. */
export function readRows(name) {
  return readFileSync(new URL(name, import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(' '));
}
