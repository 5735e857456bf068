import type { Client } from '@temporalio/client';
import type { UnzipDeps } from '../activities/unzip/ports.ts';
import { ScratchSpace } from '../activities/unzip/scratch.ts';
import { httpEventSink, logEventSink } from '../adapters/events/event-sender.ts';
import { createOssStore } from '../adapters/oss/store.ts';
import { temporalRunControl } from '../adapters/temporal/runs.ts';
import { AdmissionQueue } from '../domain/admission-queue.ts';
import { defaultLimits, defaultPartLimits } from '../domain/unzip/limits.ts';
import type { Log } from '../runtime/log.ts';
import type { WorkerConfig } from './config.ts';
import type { LockedScratchFolder } from './scratch-disk.ts';

/** Builds what the unzip activities need from the real world. */
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
      // Reads and the calls around the writes come on top of the writes.
      maxSockets: config.uploads + 16,
    }),
    runs: temporalRunControl(client),
    events: sink === undefined ? logEventSink(log) : httpEventSink(sink),
    scratch: new ScratchSpace({ root: disk.root, queue: `unzip-scratch-${disk.id}`, places: config.parts }),
    limits: defaultLimits,
    partLimits: defaultPartLimits,
    charset: config.zipCharset,
    uploadQueue: new AdmissionQueue({ parallel: { slots: config.uploads } }),
  };
}
