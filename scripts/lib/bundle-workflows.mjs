/** Bundles the compiled workflows (first argument) into one file (second argument) for the worker. */
import { rename, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { bundleWorkflowCode } from '@temporalio/worker';

const [workflows = '', output = ''] = process.argv.slice(2);
const { code } = await bundleWorkflowCode({ workflowsPath: resolve(workflows) });
// If a string has a character beyond Latin-1, each of its characters takes two bytes in memory. So the characters
// outside ASCII are escaped.
const ascii = code.replace(
  /[^\0-\x7f]/g,
  (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
);
await writeFile(`${output}.new`, ascii);
await rename(`${output}.new`, output);
