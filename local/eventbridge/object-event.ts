import { ACCOUNT_ID, REGION } from '../account.ts';
import type { ChangeName, ObjectChange } from '../oss/object-change.ts';

const removals: readonly ChangeName[] = ['DeleteObject', 'DeleteObjects', 'AbortMultipartUpload'];

/**
 * Returns the event that Alibaba Cloud's EventBridge sends for a change of an object (see "OSS events" in its
 * documentation). The event's id is the id of the change. All times are RFC 3339 in UTC. In
 * real events, the times can have other time zones.
 */
export function objectEvent(change: ObjectChange, publishMs: number) {
  const { bucket, key, name } = change;
  const group = removals.includes(name) ? 'ObjectRemoved' : 'ObjectCreated';
  const time = new Date(change.timeMs).toISOString();
  return {
    specversion: '1.0',
    id: change.id,
    source: 'acs.oss',
    type: `oss:${group}:${name}`,
    subject: `acs:oss:${REGION}:${ACCOUNT_ID}:${bucket}/${key}`,
    time,
    datacontenttype: 'application/json;charset=utf-8',
    aliyunaccountid: ACCOUNT_ID,
    aliyunoriginalaccountid: ACCOUNT_ID,
    aliyunpublishtime: new Date(publishMs).toISOString(),
    aliyunpublishaddr: '127.0.0.1',
    aliyuneventbusname: 'default',
    aliyunregionid: REGION,
    data: {
      region: REGION,
      eventVersion: '1.0',
      eventSource: 'acs:oss',
      eventName: `${group}:${name}`,
      eventTime: time,
      requestParameters: { sourceIPAddress: change.sourceIp },
      userIdentity: { principalId: ACCOUNT_ID },
      responseElements: { requestId: change.requestId },
      oss: {
        ossSchemaVersion: '1.0',
        bucket: { name: bucket, arn: `acs:oss:${REGION}:${ACCOUNT_ID}:${bucket}`, ownerIdentity: ACCOUNT_ID },
        object: { key, size: change.size, deltaSize: change.deltaBytes, eTag: change.etag },
      },
    },
  };
}
