import { pino } from 'pino';
import { escapeHidden } from '../domain/hidden-characters.ts';

/** A log with one JSON line per entry. The member `process` of an entry names the process that wrote it. */
export type Log = pino.Logger;

/** Creates a log on standard output. Writes are synchronous, so that the last line before a crash is not lost. */
export function createLog(process: string, level = 'info'): Log {
  const output = pino.destination({ fd: 1, sync: true });
  return pino(
    { level, base: { process }, timestamp: pino.stdTimeFunctions.isoTime },
    { write: (line: string) => void output.write(escapeHidden(line)) },
  );
}
