import { createHmac } from 'node:crypto';
import { messageOf } from '../../domain/errors.ts';
import { trimEndOf } from '../../domain/trim-characters.ts';
import { sendHttp } from '../../runtime/http-client.ts';
import type { CliConfig } from '../config.ts';
import type { Endpoints } from '../endpoints-file.ts';
import { type OssTarget, ossTarget } from '../oss-target.ts';
import type { Finding } from './checks.ts';

const ANSWER_MS = 5_000;

/** Checks that OSS answers and knows the key. "Access denied" also proves that OSS knows the key. */
export async function checkOss(config: CliConfig, endpoints: Endpoints | undefined): Promise<Finding> {
  const target = ossTarget(config, endpoints);
  const what = 'OSS';
  if (target === undefined) {
    const remedy = 'set OSS_ENDPOINT, OSS_ACCESSKEYID and OSS_ACCESSKEYSECRET, or use `npm start`';
    return { ok: false, what, says: 'no sluice start is running, and OSS_ENDPOINT is not set', remedy };
  }
  const targetText = `${target.endpoint} with key id ${target.keyId || '(none)'} (from ${target.from})`;
  try {
    const { status, code } = await getService(target);
    const ok = status === 200 || code === 'AccessDenied' || code === 'UserDisable';
    const remedy = 'check OSS_ENDPOINT, OSS_ACCESSKEYID and OSS_ACCESSKEYSECRET';
    return {
      ok,
      what,
      says: ok ? targetText : `${targetText} answers ${status} ${code ?? ''}`.trim(),
      remedy,
    };
  } catch (error) {
    const remedy = 'check OSS_ENDPOINT and the network';
    return { ok: false, what, says: `${targetText} does not answer: ${messageOf(error, 200)}`, remedy };
  }
}

/**
 * Sends GetService, signed with signature version 1:
 * https://help.aliyun.com/zh/oss/developer-reference/include-signatures-in-the-authorization-header
 */
async function getService({ endpoint, keyId, keySecret }: OssTarget) {
  const date = new Date().toUTCString();
  const signature = createHmac('sha1', keySecret).update(`GET\n\n\n${date}\n/`).digest('base64');
  const { status, body } = await sendHttp({
    url: `${trimEndOf(endpoint, '/')}/?max-keys=1`,
    method: 'GET',
    headers: { date, authorization: `OSS ${keyId}:${signature}` },
    timeoutMs: ANSWER_MS,
    maxBytes: 64 * 1024,
  });
  return { status, code: /<Code>([^<]+)<\/Code>/.exec(body.toString())?.[1] };
}
