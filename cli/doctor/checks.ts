import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { messageOf } from '../../domain/errors.ts';
import { sendHttp } from '../../runtime/http-client.ts';
import type { GatewayTarget } from '../addresses.ts';
import { errorTextOf } from '../gateway-client.ts';

const ANSWER_MS = 5_000;
const MIN_FREE_BYTES = 2 * 1024 ** 3;

/** Checks that Node.js is 20.19 or newer. `version` is like process.versions.node. */
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

/** Checks that the gateway answers and is ready. */
export async function checkGateway({ url, from }: GatewayTarget): Promise<Finding> {
  const what = 'gateway';
  const remedy = 'start it with `npm start`, or set --gateway';
  try {
    const request = { url: `${url}/readyz`, method: 'GET', timeoutMs: ANSWER_MS, maxBytes: 2_000 } as const;
    const { status, statusText, body } = await sendHttp(request);
    const reason = status === 503 ? `: ${errorTextOf({ status, statusText, body: body.toString() })}` : '';
    const says = `${url} (from ${from}) answers ${status} on /readyz${reason}`;
    return {
      ok: status >= 200 && status < 300,
      what,
      says,
      remedy: 'see its log: it runs, but cannot start workflows now',
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

/** Checks the free space of the home folder. If the folder does not exist, its parent is checked. */
export async function checkFreeSpace(home: string): Promise<Finding> {
  const what = 'disk';
  try {
    const { bavail, bsize } = await statfs(home);
    const free = bavail * bsize;
    const says = `${(free / 1024 ** 3).toFixed(1)} GiB free for ${home}`;
    return {
      ok: free >= MIN_FREE_BYTES,
      what,
      says,
      remedy: 'free 2 GiB, or set SLUICE_HOME to a folder on another disk',
    };
  } catch (error) {
    if (dirname(home) !== home) return checkFreeSpace(dirname(home));
    return {
      ok: false,
      what,
      says: `${home} cannot be read: ${messageOf(error)}`,
      remedy: 'set SLUICE_HOME',
    };
  }
}

/** The result of a check. `remedy` says how to fix a fault. */
export interface Finding {
  readonly ok: boolean;
  readonly what: string;
  readonly says: string;
  readonly remedy?: string;
}
