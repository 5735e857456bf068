/** Bundles the compiled workflows (first argument) into one file (second argument) for the worker. */
import { rename, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { bundleWorkflowCode } from '@temporalio/worker';

const [workflows = '', output = ''] = process.argv.slice(2);
const { code } = await bundleWorkflowCode({ workflowsPath: resolve(workflows) });
// A string with any other character takes two bytes for each of its characters in memory.
const ascii = code.replace(
  /[^\0-\x7f]/g,
  (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
);
await writeFile(`${output}.new`, ascii);
await rename(`${output}.new`, output);
