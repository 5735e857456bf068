/** Bundles the compiled workflows (first argument) into one file (second argument) for the worker. */
import { rename, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { bundleWorkflowCode } from '@temporalio/worker';

const [workflows = '', output = ''] = process.argv.slice(2);
const { code } = await bundleWorkflowCode({ workflowsPath: resolve(workflows) });
await writeFile(`${output}.new`, code);
await rename(`${output}.new`, output);
