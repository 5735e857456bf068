/** Bundles the compiled workflows (first argument) into one file (second argument) for the worker. */
import { rename, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { bundleWorkflowCode } from '@temporalio/worker';

const [workflows = '', output = ''] = process.argv.slice(2);
const { code } = await bundleWorkflowCode({ workflowsPath: resolve(workflows) });
const SOURCE_MAP = /(?<=\n\/\/# sourceMappingURL=data:application\/json;charset=utf-8;base64,)\S+\s*$/;

/** Workers keep several copies of the bundle in memory. So the source map does not contain the sources. */
function withoutSources(encodedMap) {
  const { sourcesContent: _, ...map } = JSON.parse(Buffer.from(encodedMap, 'base64').toString('utf8'));
  return Buffer.from(JSON.stringify(map)).toString('base64');
}

if (!SOURCE_MAP.test(code)) throw new Error('the workflow bundle has no source map in its last line');
// If a string has a character beyond Latin-1, each of its characters takes two bytes in memory. So the characters
// outside ASCII are escaped.
const small = code
  .replace(SOURCE_MAP, withoutSources)
  .replace(/[^\0-\x7f]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`);
await writeFile(`${output}.new`, small);
await rename(`${output}.new`, output);
