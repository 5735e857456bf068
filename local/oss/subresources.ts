/** Query names that version 1 signatures cover (OSS API reference; oss2 and the Go SDK have the same list). */
const signed =
  `accessPoint accessPointPolicy acl append asyncFetch bucketArchiveDirectRead bucketInfo callback callback-var
  cname comp continuation-token cors delete encryption endTime group httpsConfig inventory inventoryId lifecycle link
  live location logging metaQuery objectInfo objectMeta partNumber policy policyStatus position publicAccessBlock qos
  qosInfo qosRequester redundancyTransition referer regionList replication replicationLocation replicationProgress
  requestPayment requesterQosInfo resourceGroup resourcePool resourcePoolBuckets resourcePoolInfo
  response-cache-control response-content-disposition response-content-encoding response-content-language
  response-content-type response-expires restore security-token sequential startTime stat status style styleName
  symlink tagging transferAcceleration uploadId uploads versionId versioning versions vod website worm wormExtend
  wormId x-oss-access-point-name x-oss-ac-forward-allow x-oss-ac-source-ip x-oss-ac-subnet-mask x-oss-ac-vpc-id
  x-oss-async-process x-oss-process x-oss-redundancy-transition-taskid x-oss-request-payer
  x-oss-target-redundancy-type x-oss-traffic-limit x-oss-write-get-object-response`.split(/\s+/);

/** Signed names that modify an operation and do not select one. */
const modifiers = `callback callback-var continuation-token endTime partNumber position response-cache-control
  response-content-disposition response-content-encoding response-content-language response-content-type
  response-expires security-token sequential startTime x-oss-access-point-name x-oss-ac-forward-allow
  x-oss-ac-source-ip x-oss-ac-subnet-mask x-oss-ac-vpc-id x-oss-request-payer x-oss-traffic-limit`.split(
  /\s+/,
);

export const signedSubresources: ReadonlySet<string> = new Set(signed);

const OPERATION_SUBRESOURCES = signed.filter((name) => !modifiers.includes(name));

/** Returns the sub-resource in a query, such as `uploads`, or undefined if there is none. */
export function subresourceOf(query: ReadonlyMap<string, string>): string | undefined {
  return query.size === 0 ? undefined : OPERATION_SUBRESOURCES.find((name) => query.has(name));
}
