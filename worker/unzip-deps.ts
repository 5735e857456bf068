import type { Client } from '@temporalio/client';
import type { UnzipDeps } from '../activities/unzip/ports.ts';
import { Scratch } from '../activities/unzip/scratch.ts';
import { httpEventSink, logEventSink } from '../adapters/events/event-sender.ts';
import { ossStore } from '../adapters/oss/store.ts';
import { temporalRuns } from '../adapters/temporal/runs.ts';
import { AdmissionQueue } from '../domain/admission-queue.ts';
import { defaultLimits, defaultPartBudget } from '../domain/unzip/limits.ts';
import type { Log } from '../runtime/log.ts';
import type { WorkerConfig } from './config.ts';
import type { ScratchDisk } from './scratch-disk.ts';

/** Builds what the unzip activities need from the real world. */
export function unzipDeps(config: WorkerConfig, client: Client, disk: ScratchDisk, log: Log): UnzipDeps {
  const sink = config.eventsSink ?? config.knativeSink;
  return {
    store: ossStore({
      endpoint: config.ossEndpoint ?? '',
      accessKeyId: config.ossAccessKeyId,
      accessKeySecret: config.ossAccessKeySecret,
      stsToken: config.ossSecurityToken,
      // Reads and the calls around the writes come on top of the writes.
      maxSockets: config.uploads + 16,
    }),
    runs: temporalRuns(client),
    events: sink === undefined ? logEventSink(log) : httpEventSink(sink),
    scratch: new Scratch({ root: disk.root, queue: `unzip-scratch-${disk.id}`, places: config.parts }),
    limits: defaultLimits,
    budget: defaultPartBudget,
    charset: config.zipCharset,
    writes: new AdmissionQueue({ parallel: { slots: config.uploads } }),
  };
}
