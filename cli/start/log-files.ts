import { openSync, readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';

const ROTATE_BYTES = 20 * 1024 ** 2;

/** The log file of a process. */
export const logFile = (logs: string, name: string): string => join(logs, `${name}.log`);

/** Renames a log over 20 MiB to `<name>.log.1`. Called once per start. */
export function rotateLog(logs: string, name: string): void {
  const file = logFile(logs, name);
  if (logLength(logs, name) > ROTATE_BYTES) renameSync(file, `${file}.1`);
}

/** Opens a process's log for appending, and returns the file descriptor. */
export function openLog(logs: string, name: string): number {
  return openSync(logFile(logs, name), 'a');
}

/** The current length of a process's log, in bytes. */
export function logLength(logs: string, name: string): number {
  return statSync(logFile(logs, name), { throwIfNoEntry: false })?.size ?? 0;
}

/**
 * Returns at most the last eight lines that a process has written since its log was `from` bytes long. Plain lines
 * are messages for people: if there are any, returns only these, otherwise JSON lines.
 */
export function linesSince(logs: string, name: string, from: number): string[] {
  try {
    const lines = readFileSync(logFile(logs, name)).subarray(from).toString().split('\n').filter(Boolean);
    const plain = lines.filter((line) => !line.startsWith('{'));
    return (plain.length > 0 ? plain : lines).slice(-8).map((line) => line.slice(0, 500));
  } catch {
    return [];
  }
}
