import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { scratchActivities, sharedActivities } from '../../activities/unzip/activities.ts';
import { ListMemory } from '../../activities/unzip/list-memory.ts';
import { ScratchSpace } from '../../activities/unzip/scratch-space.ts';
import { SmallArchiveMemory } from '../../activities/unzip/small-archive-memory.ts';
import type { SmallArchiveResult } from '../../activities/unzip/unpack-small.ts';
import type { UnzipDeps } from '../../activities/unzip/unzip-deps.ts';
import { createOssStore } from '../../adapters/oss/oss-store.ts';
import { AdmissionQueue } from '../../domain/admission-queue.ts';
import type { Archive, PartTask, UnzipPlan } from '../../domain/unzip/archive.ts';
import { defaultLimits, defaultPartLimits, smallLimits } from '../../domain/unzip/limits.ts';
import { directoryMemory } from '../../domain/unzip/planning-memory.ts';
import { startLocalCloud } from '../../local/start-local-cloud.ts';
import type { EmittedEvent } from '../../ports/event-sink.ts';
import type { ObjectStore } from '../../ports/object-store.ts';
import { createLog } from '../../runtime/log.ts';

const quiet = new DefaultLogger('ERROR', () => {});

interface NameOptions {
  readonly unsafe?: string | undefined;
}

/**
 * The unzip activities on a store, without a Temporal server. `dir` is for the scratch space. As Temporal does, `run`
 * calls an activity again after a failure that may be retried, until `attempts` calls have failed.
 */
export function unzipActivities(
  store: ObjectStore,
  dir: string,
  { attempts = 1, ...changes }: Partial<UnzipDeps> & { readonly attempts?: number } = {},
) {
  const emitted: EmittedEvent[] = [];
  const unexpected = (): never => {
    throw new Error('this test does not expect another run');
  };
  const deps: UnzipDeps = {
    store,
    runs: { find: async () => undefined, outcome: unexpected, cancel: unexpected },
    events: { delivers: true, emit: async (event) => void emitted.push(event) },
    scratch: new ScratchSpace({ root: join(dir, 'scratch'), queue: 'scratch-queue', slots: 4 }),
    limits: defaultLimits,
    partLimits: defaultPartLimits,
    names: { charsets: ['gb18030'], unsafe: 'fail' },
    smallArchives: new SmallArchiveMemory(smallLimits.packedBytes),
    lists: new ListMemory(),
    largeDirectories: new AdmissionQueue({
      parallel: { weight: directoryMemory(defaultLimits.directoryBytes) },
    }),
    uploadQueue: new AdmissionQueue({ parallel: { slots: 16 } }),
    ...changes,
  };
  const shared = sharedActivities(deps);
  const scratch = scratchActivities(deps);
  const run = async <T, R>(activity: (task: T) => Promise<R>, task: T): Promise<R> => {
    for (let attempt = 1; ; attempt++) {
      try {
        const environment = new MockActivityEnvironment({ attempt }, { logger: quiet });
        return await environment.run(activity as (task: unknown) => Promise<R>, task);
      } catch (error) {
        if (attempt >= attempts || !isRetryable(error)) throw error;
      }
    }
  };

  const inspectArchive = async (
    bucket: string,
    key: string,
    { unsafe }: NameOptions = {},
  ): Promise<Archive> => {
    const inspection = await run(shared.inspect, {
      bucket,
      key,
      ...(unsafe === undefined ? {} : { unsafe }),
    });
    if (inspection.outcome !== 'archive') throw new Error(inspection.note);
    return inspection.archive;
  };

  return {
    ...{ deps, emitted, shared, scratch, run },
    /** Does the same as the workflow. A small archive is unpacked in one step. */
    async unzip(bucket: string, object: string, names?: NameOptions): Promise<SmallArchiveResult> {
      const archive = await inspectArchive(bucket, object, names);
      const parent = { bucket, key: object, workflowId: 'unzip', runId: 'run', event: null, hops: 1 };
      const claiming = { workflowId: 'unzip', runId: randomUUID(), workflow: 'unzipObject' as const };
      const small = { archive, run: claiming, event: null, parent };
      const result = archive.small ? await run(shared.unpackSmall, small) : { outcome: 'large' as const };
      if (result.outcome === 'large') await this.unzipInParts(bucket, object, names);
      return result;
    },
    /** Does the same as the workflow for an archive of ordinary parts. Returns the plan. */
    async unzipInParts(bucket: string, object: string, names?: NameOptions): Promise<UnzipPlan> {
      const archive = await inspectArchive(bucket, object, names);
      const runId = randomUUID();
      const claiming = { workflowId: 'unzip', runId, workflow: 'unzipArchive' as const };
      const plan = await run(shared.plan, { archive, runId, run: claiming });
      await run(shared.begin, { archive, runId, run: claiming });
      try {
        for (const part of plan.parts) {
          const task: PartTask = { archive, runId, attempt: 0, plan, part };
          await run(shared.download, task);
          await run(scratch.extract, task);
          await run(scratch.upload, task);
        }
      } finally {
        await run(scratch.discard, { runId });
      }
      const expected = { files: plan.files, bytes: plan.bytes };
      const last = {
        archive,
        runId,
        event: null,
        parts: plan.parts.length,
        expected,
        skipped: plan.skipped > 0,
        report: plan.report,
        run: claiming,
      };
      await run(shared.publish, last);
      await run(shared.tidy, last);
      return plan;
    },
  };
}

const isRetryable = (error: unknown): boolean => error instanceof ApplicationFailure && !error.nonRetryable;

/** Starts the unzip activities with a real local store over real sockets, but without a Temporal server. */
export async function startActivities(changes: Partial<UnzipDeps> = {}) {
  const dir = await mkdtemp(join(tmpdir(), 'sluice-activities-'));
  const key = { accessKeyId: 'local', accessKeySecret: 'local-secret' };
  const settings = {
    ...{ dir: join(dir, 'local'), gateway: 'http://127.0.0.1:1', rules: undefined },
    ...{ ossPort: 0, tablestorePort: 0, amapPort: 0, channelsPort: 0 },
    ...{ tablestoreInstance: 'sluice-local', weatherKeptDays: undefined, deliveriesKeptDays: undefined },
  };
  const local = await startLocalCloud(
    { ...settings, ...key, logLevel: 'error' },
    createLog('local', 'silent'),
  );
  const endpoint = local.endpoints?.oss ?? '';
  const store = createOssStore({ endpoint, ...key, maxSockets: 32 });
  return {
    ...unzipActivities(store, dir, changes),
    endpoint,
    async stop(): Promise<void> {
      await local.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
