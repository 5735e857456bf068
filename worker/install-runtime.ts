import { DefaultLogger, Runtime } from '@temporalio/worker';
import type { Log } from '../runtime/log.ts';

const LOG_LEVEL_BY_TEMPORAL = {
  TRACE: 'trace',
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warn',
  ERROR: 'error',
} as const;

/** Installs Temporal's runtime for this process. The runtime writes to `log` and installs no signal handlers. */
export function installRuntime(log: Log): void {
  Runtime.install({
    logger: new DefaultLogger('INFO', ({ level, message, meta }) => {
      const { error, ...rest } = (meta ?? {}) as { error?: unknown };
      log[LOG_LEVEL_BY_TEMPORAL[level]]({ ...rest, ...(error === undefined ? {} : { err: error }) }, message);
    }),
    shutdownSignals: [],
  });
}
