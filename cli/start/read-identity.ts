import type { ProcessIdentity } from '../../runtime/process-identity.ts';

/** The identity that a file held, or undefined for anything else: a torn file must not look like a process. */
export function readIdentity(value: unknown): ProcessIdentity | undefined {
  if (typeof value !== 'object' || value === null || !('pid' in value) || !('startedAt' in value))
    return undefined;
  const { pid, startedAt } = value;
  return typeof pid === 'number' && pid > 0 && typeof startedAt === 'string' ? { pid, startedAt } : undefined;
}
