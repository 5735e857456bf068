import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { messageOf } from '../../domain/errors.ts';
import { sendHttp } from '../../runtime/http-client.ts';
import type { GatewayTarget } from '../addresses.ts';

const ANSWER_MS = 5_000;
const MIN_FREE_BYTES = 2 * 1024 ** 3;

/** Node is 20.19 or newer; `version` as in process.versions.node. */
export function checkNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const ok = major > 20 || (major === 20 && minor >= 19);
  return {
    ok,
    what: 'Node.js',
    says: version,
    remedy: 'install Node.js 20.19 or newer from https://nodejs.org',
  };
}

/** The gateway answers, and says that it is ready. */
export async function checkGateway({ url, from }: GatewayTarget): Promise<Finding> {
  const what = 'gateway';
  const remedy = 'start it with `npm start`, or name another with --gateway';
  try {
    const request = { url: `${url}/readyz`, method: 'GET', deadlineMs: ANSWER_MS, maxBytes: 0 } as const;
    const { status } = await sendHttp(request);
    const says = `${url} (from ${from}) answers ${status} on /readyz`;
    return {
      ok: status >= 200 && status < 300,
      what,
      says,
      remedy: 'see its log: it is up, but cannot start runs now',
    };
  } catch (error) {
    return {
      ok: false,
      what,
      says: `${url} (from ${from}) does not answer: ${messageOf(error, 200)}`,
      remedy,
    };
  }
}

/** There is room for state where Sluice keeps it; a folder that is not there yet is judged by the one above. */
export async function checkHome(home: string): Promise<Finding> {
  const what = 'disk';
  try {
    const { bavail, bsize } = await statfs(home);
    const free = bavail * bsize;
    const says = `${(free / 1024 ** 3).toFixed(1)} GiB free for ${home}`;
    return {
      ok: free >= MIN_FREE_BYTES,
      what,
      says,
      remedy: 'free 2 GiB, or set SLUICE_HOME to a folder elsewhere',
    };
  } catch (error) {
    if (dirname(home) !== home) return checkHome(dirname(home));
    return {
      ok: false,
      what,
      says: `${home} cannot be looked at: ${messageOf(error)}`,
      remedy: 'set SLUICE_HOME',
    };
  }
}

/** What a check found, in one line; `remedy` says what to do when it is not well. */
export interface Finding {
  readonly ok: boolean;
  readonly what: string;
  readonly says: string;
  readonly remedy?: string;
}
