import type { Client } from '@temporalio/client';
import { ListMemory } from '../activities/unzip/list-memory.ts';
import { ScratchSpace } from '../activities/unzip/scratch-space.ts';
import { SmallArchiveMemory } from '../activities/unzip/small-archive-memory.ts';
import type { UnzipDeps } from '../activities/unzip/unzip-deps.ts';
import { httpEventSink, logEventSink } from '../adapters/events/event-sinks.ts';
import { createOssStore } from '../adapters/oss/oss-store.ts';
import { temporalRunControl } from '../adapters/temporal/run-control.ts';
import { AdmissionQueue } from '../domain/admission-queue.ts';
import { defaultLimits, defaultPartLimits, smallLimits } from '../domain/unzip/limits.ts';
import { directoryMemory } from '../domain/unzip/planning-memory.ts';
import type { Log } from '../runtime/log.ts';
import type { WorkerConfig } from './config.ts';
import type { LockedScratchFolder } from './lock-scratch-folder.ts';

/** Creates the dependencies that the unzip activities have in production. */
export function createUnzipDeps(
  config: WorkerConfig,
  client: Client,
  disk: LockedScratchFolder,
  log: Log,
): UnzipDeps {
  const sink = config.eventsSink ?? config.knativeSink;
  return {
    store: createOssStore({
      endpoint: config.ossEndpoint ?? '',
      accessKeyId: config.ossAccessKeyId,
      accessKeySecret: config.ossAccessKeySecret,
      stsToken: config.ossSecurityToken,
      // The writes need `uploads` sockets. The other sockets are for reads and all other calls.
      maxSockets: config.uploads + 16,
    }),
    runs: temporalRunControl(client),
    events: sink === undefined ? logEventSink(log) : httpEventSink(sink),
    scratch: new ScratchSpace({ root: disk.root, queue: `unzip-scratch-${disk.id}`, slots: config.parts }),
    limits: defaultLimits,
    partLimits: defaultPartLimits,
    names: { charsets: config.zipCharsets, unsafe: config.zipUnsafe },
    smallArchives: new SmallArchiveMemory(smallLimits.packedBytes),
    lists: new ListMemory(),
    largeDirectories: new AdmissionQueue({
      parallel: { weight: directoryMemory(defaultLimits.directoryBytes) },
    }),
    uploadQueue: new AdmissionQueue({ parallel: { slots: config.uploads } }),
  };
}
