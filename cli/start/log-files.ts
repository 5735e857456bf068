import { openSync, readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';

const ROTATE_BYTES = 20 * 1024 ** 2;

/** Where a part's output goes. */
export const logFile = (logs: string, name: string): string => join(logs, `${name}.log`);

/** Keeps the previous log aside as `<name>.log.1` when it has grown over 20 MB; done once, at a start. */
export function rotateLog(logs: string, name: string): void {
  const file = logFile(logs, name);
  if (logLength(logs, name) > ROTATE_BYTES) renameSync(file, `${file}.1`);
}

/** Opens a part's log for appending and answers the descriptor. */
export function openLog(logs: string, name: string): number {
  return openSync(logFile(logs, name), 'a');
}

/** How long a part's log is now, in bytes. */
export function logLength(logs: string, name: string): number {
  return statSync(logFile(logs, name), { throwIfNoEntry: false })?.size ?? 0;
}

/**
 * What a part has written since its log was `from` bytes long: its plain lines (the sentences for people) where there
 * are some, else its JSON lines, at most the last eight.
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
