/** The error codes of the stand-in, and the HTTP status of each (OSS API reference, error responses). */
const statuses = {
  AccessDenied: 403,
  BadRequest: 400,
  BucketNotEmpty: 409,
  EntityTooLarge: 400,
  EntityTooSmall: 400,
  FieldItemTooLong: 400,
  FileAlreadyExists: 409,
  IncorrectNumberOfFilesInPOSTRequest: 400,
  InternalError: 500,
  InvalidAccessKeyId: 403,
  InvalidArgument: 400,
  InvalidBucketName: 400,
  InvalidDigest: 400,
  InvalidObjectName: 400,
  InvalidPart: 400,
  InvalidPartOrder: 400,
  InvalidRange: 416,
  InvalidPolicyDocument: 400,
  InvalidRequest: 400,
  MalformedPOSTRequest: 400,
  MalformedXML: 400,
  MaxPOSTPreDataLengthExceededError: 400,
  MethodNotAllowed: 405,
  MissingArgument: 400,
  MissingContentLength: 411,
  NoSuchBucket: 404,
  NoSuchKey: 404,
  NoSuchUpload: 404,
  NotImplemented: 501,
  NotModified: 304,
  ObjectNotAppendable: 409,
  PositionNotEqualToLength: 409,
  PreconditionFailed: 412,
  RequestIsNotMultiPartContent: 400,
  RequestTimeTooSkewed: 403,
  SignatureDoesNotMatch: 403,
} as const;

export type OssErrorCode = keyof typeof statuses;

/** An error answer of OSS. `details` become additional elements of the XML body. */
export class OssError extends Error {
  readonly code: OssErrorCode;
  readonly status: number;
  readonly details: Readonly<Record<string, string>>;

  constructor(code: OssErrorCode, message: string, details: Readonly<Record<string, string>> = {}) {
    super(message);
    this.name = 'OssError';
    this.code = code;
    this.status = statuses[code];
    this.details = details;
  }
}

export const noSuchBucket = (bucket: string): OssError =>
  new OssError('NoSuchBucket', 'The specified bucket does not exist.', { BucketName: bucket });

export const noSuchKey = (key: string): OssError =>
  new OssError('NoSuchKey', 'The specified key does not exist.', { Key: key });

export const entityTooLarge = (maxBytes: number): OssError =>
  new OssError('EntityTooLarge', 'Your proposed upload exceeds the maximum allowed object size.', {
    MaxSizeAllowed: String(maxBytes),
  });

/** Returns the error for an append at a position that is not the end of the object. */
export const positionNotEqualToLength = (objectSize: number): OssError =>
  new OssError('PositionNotEqualToLength', 'Position is not equal to file length.', {
    Position: String(objectSize),
  });

/** Returns the error for an argument with an invalid value. `name` is the header, field or parameter. */
export const invalidArgument = (name: string, value: string, message: string): OssError =>
  new OssError('InvalidArgument', message, { ArgumentName: name, ArgumentValue: value });

export const noSuchUpload = (uploadId: string): OssError =>
  new OssError(
    'NoSuchUpload',
    'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
    { UploadId: uploadId },
  );
