import { identify } from '../../runtime/process-identity.ts';

/** True if the process exists and is not a zombie. */
export const isRunning = (pid: number): boolean => identify(pid) !== undefined;
