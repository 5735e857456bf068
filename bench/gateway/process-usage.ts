import { readFileSync } from 'node:fs';

/** Clock ticks per second. Linux uses 100 on all supported platforms. */
const TICKS = 100;

/** Current resident memory of a process, in MiB. */
export const residentMiB = (pid: number): number => status(pid, 'VmRSS');

/** Peak resident memory of a process, in MiB. */
export const peakMiB = (pid: number): number => status(pid, 'VmHWM');

function status(pid: number, field: string): number {
  const [, kib] =
    new RegExp(`${field}:\\s+(\\d+) kB`).exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Math.round(Number(kib) / 102.4) / 10;
}

/** CPU time of a process, in milliseconds. */
export function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1_000) / TICKS;
}
