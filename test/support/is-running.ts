import { identify } from '../../runtime/process-identity.ts';

/** Whether there is a live process with this number; a zombie is none. */
export const isRunning = (pid: number): boolean => identify(pid) !== undefined;
