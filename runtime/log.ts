import { pino } from 'pino';

/** One JSON line per thing that happened; `process` tells which of ours wrote it. */
export type Log = pino.Logger;

/** A logger on standard output; synchronous, so that the last line before a crash is there. */
export function createLog(process: string, level = 'info'): Log {
  return pino(
    { level, base: { process }, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ fd: 1, sync: true }),
  );
}
