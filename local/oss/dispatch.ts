import { appendObject } from './operations/append-object.ts';
import {
  deleteBucket,
  getBucketAcl,
  getBucketInfo,
  getBucketLocation,
  headBucket,
  listBuckets,
  putBucket,
} from './operations/buckets.ts';
import { abortMultipartUpload, completeMultipartUpload } from './operations/complete-upload.ts';
import { copyObject } from './operations/copy-object.ts';
import { deleteMultipleObjects, deleteObject } from './operations/delete-objects.ts';
import { getObject, getObjectMeta, headObject } from './operations/get-object.ts';
import { listObjects, listObjectsV2 } from './operations/list-objects.ts';
import { initiateMultipartUpload, listMultipartUploads, listParts } from './operations/multipart-uploads.ts';
import { postObject } from './operations/post-object.ts';
import { putObject } from './operations/put-object.ts';
import { uploadPart, uploadPartCopy } from './operations/upload-part.ts';
import { OssError } from './oss-error.ts';
import type { Operation, OssRequest } from './request.ts';
import { subresourceOf } from './subresources.ts';

/** All operations by method, target and subresource or parameter. */
const operations: Readonly<Record<string, Operation>> = {
  'GET account': listBuckets,
  'PUT bucket': putBucket,
  'HEAD bucket': headBucket,
  'DELETE bucket': deleteBucket,
  'GET bucket': listObjects,
  'GET bucket list-type=2': listObjectsV2,
  'GET bucket ?bucketInfo': getBucketInfo,
  'GET bucket ?location': getBucketLocation,
  'GET bucket ?acl': getBucketAcl,
  'GET bucket ?uploads': listMultipartUploads,
  'POST bucket ?delete': deleteMultipleObjects,
  'POST bucket': postObject,
  'PUT object': putObject,
  'PUT object from source': copyObject,
  'GET object': getObject,
  'HEAD object': headObject,
  'HEAD object ?objectMeta': getObjectMeta,
  'DELETE object': deleteObject,
  'POST object ?append': appendObject,
  'POST object ?uploads': initiateMultipartUpload,
  'PUT object ?uploadId': uploadPart,
  'PUT object ?uploadId from source': uploadPartCopy,
  'POST object ?uploadId': completeMultipartUpload,
  'DELETE object ?uploadId': abortMultipartUpload,
  'GET object ?uploadId': listParts,
};

/** Returns the name of the operation in the API reference. The function has the same name in lower camel case. */
export const operationName = ({ name }: Operation): string => name.charAt(0).toUpperCase() + name.slice(1);

export const operationNames: readonly string[] = Object.values(operations).map(operationName);

const methods = ['GET', 'HEAD', 'PUT', 'POST', 'DELETE', 'OPTIONS'];

/** True for a form upload, PostObject. Its signature is in the form. */
export const isFormUpload = ({
  method,
  bucket,
  key,
  query,
}: Pick<OssRequest, 'method' | 'bucket' | 'key' | 'query'>) =>
  method === 'POST' && bucket !== '' && key === '' && subresourceOf(query) === undefined;

/** Returns the operation of a request. Throws MethodNotAllowed or NotImplemented if there is none. */
export function findOperation(
  request: Pick<OssRequest, 'method' | 'bucket' | 'key' | 'query' | 'headers'>,
): Operation {
  const { method, bucket, key, query, headers } = request;
  const scope = key !== '' ? 'object' : bucket !== '' ? 'bucket' : 'account';
  const subresource = subresourceOf(query);
  const name = [
    method,
    scope,
    ...(subresource === undefined ? [] : [`?${subresource}`]),
    ...(scope === 'bucket' && query.get('list-type') === '2' ? ['list-type=2'] : []),
    ...(scope === 'object' && method === 'PUT' && headers['x-oss-copy-source'] !== undefined
      ? ['from source']
      : []),
  ].join(' ');
  const operation = operations[name];
  if (operation !== undefined) return operation;
  if (!methods.includes(method)) {
    throw new OssError('MethodNotAllowed', 'The specified method is not allowed against this resource.', {
      Method: method,
    });
  }
  throw new OssError('NotImplemented', `The local OSS does not implement this operation: ${name}.`);
}
