import { REGION } from '../../account.ts';
import { checkBucketAcl } from '../acl.ts';
import { header, integerFromQuery, type OssAnswer, type OssRequest } from '../request.ts';
import type { Store } from '../storage/store.ts';
import { ossTime, owner, writeXml } from '../xml.ts';

const location = `oss-${REGION}`;

/**
 * PutBucket. Creating an existing bucket succeeds, because the account owns it. The body (storage class) is ignored.
 */
export function putBucket(request: OssRequest, store: Store): OssAnswer {
  const acl = header(request, 'x-oss-acl');
  checkBucketAcl(acl);
  store.buckets.create(request.bucket, acl);
  return { status: 200, headers: { location: `/${request.bucket}` } };
}

/** DeleteBucket. The bucket must be empty. */
export function deleteBucket(request: OssRequest, store: Store): OssAnswer {
  store.buckets.remove(request.bucket);
  return { status: 204 };
}

/** HeadBucket: checks that the bucket exists. */
export function headBucket(request: OssRequest, store: Store): OssAnswer {
  store.buckets.require(request.bucket);
  return { status: 200, headers: { 'x-oss-bucket-region': location } };
}

export function getBucketInfo(request: OssRequest, store: Store): OssAnswer {
  const { createdMs, acl } = store.buckets.require(request.bucket);
  const info = {
    CreationDate: ossTime(createdMs),
    ExtranetEndpoint: `${location}.aliyuncs.com`,
    IntranetEndpoint: `${location}-internal.aliyuncs.com`,
    Location: location,
    Name: request.bucket,
    Owner: owner,
    AccessControlList: { Grant: acl },
    StorageClass: 'Standard',
    DataRedundancyType: 'LRS',
    Comment: '',
    BucketPolicy: { LogBucket: '', LogPrefix: '' },
  };
  return { status: 200, body: writeXml('BucketInfo', { Bucket: info }) };
}

export function getBucketLocation(request: OssRequest, store: Store): OssAnswer {
  store.buckets.require(request.bucket);
  return {
    status: 200,
    body: `<?xml version="1.0" encoding="UTF-8"?>\n<LocationConstraint>${location}</LocationConstraint>`,
  };
}

export function getBucketAcl(request: OssRequest, store: Store): OssAnswer {
  const { acl } = store.buckets.require(request.bucket);
  const elements = { Owner: owner, AccessControlList: { Grant: acl } };
  return { status: 200, body: writeXml('AccessControlPolicy', elements) };
}

/** GetService (ListBuckets), with pages by `marker`. */
export function listBuckets({ query }: OssRequest, store: Store): OssAnswer {
  const prefix = query.get('prefix') ?? '';
  const marker = query.get('marker') ?? '';
  const limit = integerFromQuery(query, 'max-keys', { fallback: 100, min: 1, max: 1000 });
  const found = store.buckets.list().filter(({ name }) => name.startsWith(prefix) && name > marker);
  const page = found.slice(0, limit);
  const truncated = found.length > limit;
  const elements = {
    Prefix: prefix,
    Marker: marker,
    MaxKeys: limit,
    IsTruncated: truncated,
    NextMarker: truncated ? page.at(-1)?.name : undefined,
    Owner: owner,
    Buckets: {
      Bucket: page.map(({ name, bucket }) => ({
        CreationDate: ossTime(bucket.createdMs),
        ExtranetEndpoint: `${location}.aliyuncs.com`,
        IntranetEndpoint: `${location}-internal.aliyuncs.com`,
        Location: location,
        Name: name,
        Region: REGION,
        StorageClass: 'Standard',
      })),
    },
  };
  return { status: 200, body: writeXml('ListAllMyBucketsResult', elements) };
}
