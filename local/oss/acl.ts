import { invalidArgument } from './oss-error.ts';

const BUCKET_ACLS = ['private', 'public-read', 'public-read-write'];
const OBJECT_ACLS = ['default', ...BUCKET_ACLS];

/** Throws InvalidArgument if a bucket cannot have the ACL. */
export function checkBucketAcl(acl: string | undefined): void {
  if (acl !== undefined && acl !== '' && !BUCKET_ACLS.includes(acl))
    throw invalidArgument('x-oss-acl', acl, 'no such bucket access control exists');
}

/** Throws InvalidArgument if an object cannot have the ACL. The stand-in neither stores nor enforces ACLs of objects. */
export function checkObjectAcl(acl: string | undefined): void {
  if (acl !== undefined && acl !== '' && !OBJECT_ACLS.includes(acl))
    throw invalidArgument('x-oss-object-acl', acl, 'no such object access control exists');
}
