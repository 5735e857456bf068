import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { WorkflowFailedError } from '@temporalio/client';
import type { UnzipResult } from '../../domain/unzip/archive.ts';
import type { ScriptedActivities } from './scripted-activities.ts';

/** All activities of the unzip workflows. */
export const unzipActivityNames = [
  ...['inspect', 'findOther', 'awaitOther', 'stopOther', 'unpackSmall', 'plan', 'begin', 'download'],
  ...['extract', 'upload', 'publish', 'tidy', 'announce', 'discard', 'releasePart'],
  ...['openBigFile', 'closeBigFile', 'abandonBigFile', 'downloadWindow', 'extractWindow', 'uploadSlab'],
];

/** An archive of a test. Each test has its own destination. */
export function newArchive({ small, etag = 'E1' }: { small: boolean; etag?: string }) {
  const name = randomUUID();
  const archive = {
    ...{ bucket: 'eb-ask', key: `zip/${name}.zip`, etag, size: 10, base: name, ...(small ? { small } : {}) },
    ...{
      destination: `unzip/${name}/`,
      manifest: `unzip/.sluice/${name}.json`,
      runs: `unzip/.sluice/.runs/${name}/`,
    },
  };
  return {
    archive,
    workflowId: `unzip-into:${name}`,
    inspected: { outcome: 'archive', archive, workflowId: `unzip-into:${name}` },
  };
}

export const completed = { outcome: 'completed', note: '', files: 1, bytes: 2 } as const;

/** A plan of `count` parts. Each part has one file of two bytes. */
export function planOf(count: number, { big = false } = {}) {
  const part = { directoryOffset: 0, directoryLength: 50, files: 1, dataStart: 0, dataEnd: 9, bytes: 2, big };
  return {
    ...{ directory: { key: 'k', etag: 'E', size: 1, offset: 0 }, shift: 0, naming: {}, skipped: 0 },
    ...{ files: count, bytes: 2 * count },
    parts: Array.from({ length: count }, (_, index) => ({ ...part, index })),
  };
}

/** Activities that unpack one part without a problem. */
export const unpacking = {
  ...{
    plan: () => planOf(1),
    begin: () => {},
    download: () => ({ queue: 'scratch' }),
    extract: () => ({ files: 1, bytes: 2 }),
  },
  ...{ upload: () => ({ files: 1, bytes: 2 }), publish: () => ({ files: 1, bytes: 2 }), tidy: () => ({}) },
  ...{ announce: () => {}, releasePart: () => {}, discard: () => {} },
};
export const inParts = ['plan', 'begin', 'download', 'extract', 'upload', 'publish', 'tidy'];

/** Starts a run of `unzipObject` for this key. */
export const startUnzip = (
  { client }: ScriptedActivities,
  key: string,
  memo: Readonly<Record<string, unknown>> = {},
) =>
  client.workflow.start('unzipObject', {
    ...{ taskQueue: 'unzip', workflowId: `unzip:${randomUUID()}`, memo },
    args: [{ bucket: 'eb-ask', key }],
  });

/** Starts a run of `unzipArchive`. */
export const startArchive = (
  { client }: ScriptedActivities,
  archive = newArchive({ small: false }).archive,
) =>
  client.workflow.start('unzipArchive', {
    ...{ taskQueue: 'unzip', workflowId: `unzip-into:${archive.base}` },
    args: [{ archive, event: null }],
  });

/** The result of a run of `unzipArchive`, or the type of the failure at the root. */
export async function endOfArchive(
  run: Awaited<ReturnType<typeof startArchive>>,
): Promise<Partial<UnzipResult> & { type?: string | undefined }> {
  try {
    return (await run.result()) as UnzipResult;
  } catch (error) {
    assert.ok(error instanceof WorkflowFailedError, String(error));
    let cause = error.cause as { cause?: unknown; type?: string } | undefined;
    while (cause?.cause !== undefined) cause = cause.cause as typeof cause;
    return { type: cause?.type };
  }
}

/** The result of a new run of `unzipObject`, or its failure as `{type, message}`. */
export async function endOfUnzip(
  temporal: ScriptedActivities,
  key: string,
): Promise<UnzipResult | { type: string; message: string }> {
  try {
    return (await (await startUnzip(temporal, key)).result()) as UnzipResult;
  } catch (error) {
    assert.ok(error instanceof WorkflowFailedError, String(error));
    const { type, message } = error.cause as unknown as { type: string; message: string };
    return { type, message };
  }
}
