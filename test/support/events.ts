import { randomUUID } from 'node:crypto';
import { until } from './until.ts';

/** An event of a put object as EventBridge sends it: structured JSON without an envelope. */
export function putObjectEvent(key: string, changes: { id?: string; eTag?: string; bucket?: string } = {}) {
  const { id = randomUUID(), bucket = 'eb-ask', eTag } = changes;
  return {
    specversion: '1.0',
    id,
    source: 'acs.oss',
    type: 'oss:ObjectCreated:PutObject',
    subject: `acs:oss:cn-hangzhou:1000000000000001:${bucket}/${key}`,
    datacontenttype: 'application/json;charset=utf-8',
    time: '2026-11-22T12:00:00Z',
    data: {
      region: 'cn-hangzhou',
      eventName: 'ObjectCreated:PutObject',
      oss: { bucket: { name: bucket }, object: { key, ...(eTag === undefined ? {} : { eTag }) } },
    },
  };
}

/** Posts an event and returns the response. */
export async function post(gateway: string, event: unknown, path = '/unzip'): Promise<Response> {
  const headers = { 'content-type': 'application/json' };
  return await fetch(`${gateway}${path}`, { method: 'POST', headers, body: JSON.stringify(event) });
}

/** Posts an event like `post`, again after each 429 and 503, as senders do. Returns the first other response. */
export async function postUntilAdmitted(gateway: string, event: unknown): Promise<Response> {
  return await until('the event is admitted', async () => {
    const answer = await post(gateway, event);
    return answer.status === 429 || answer.status === 503 ? undefined : answer;
  });
}
