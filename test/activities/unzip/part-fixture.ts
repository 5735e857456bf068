import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { UnzipDeps } from '../../../activities/unzip/unzip-deps.ts';
import type { PartTask } from '../../../domain/unzip/archive.ts';
import { unzipActivities } from '../../support/activities.ts';
import { MemoryObjectStore } from '../../support/memory-object-store.ts';
import { type ZipEntry, zipOf } from '../../support/zip-writer.ts';

export const BUCKET = 'eb-ask';

/** The archive `zip/x.zip` with these entries, and the tasks of its planned parts. No step of a part has run yet. */
export async function plannedParts(
  t: TestContext,
  entries: readonly ZipEntry[],
  changes: Partial<UnzipDeps> = {},
) {
  const dir = await mkdtemp(join(tmpdir(), 'sluice-part-'));
  t.after(() => rm(dir, { recursive: true, force: true }));
  const store = new MemoryObjectStore();
  const activities = unzipActivities(store, dir, changes);
  const { run, shared } = activities;
  store.set(BUCKET, 'zip/x.zip', zipOf(entries));
  const inspection = await run(shared.inspect, { bucket: BUCKET, key: 'zip/x.zip' });
  const archive = inspection.outcome === 'archive' ? inspection.archive : assert.fail(inspection.note);
  const runId = randomUUID();
  const plan = await run(shared.plan, { archive, runId });
  const tasks = plan.parts.map((part): PartTask => ({ archive, runId, attempt: 0, plan, part }));
  return { ...activities, dir, store, archive, runId, tasks };
}
