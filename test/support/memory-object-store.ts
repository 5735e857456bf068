import { createHash, randomUUID } from 'node:crypto';
import { createCRC64 } from 'hash-wasm';
import { InvalidInput } from '../../domain/errors.ts';
import type { ObjectRef, ObjectStore, StoredChecksum } from '../../ports/object-store.ts';

/** A call of a store: the method, and the key or prefix that it is about. */
export interface StoreCall {
  readonly method: keyof ObjectStore;
  readonly key: string;
}

interface StoredObject {
  readonly body: Buffer;
  readonly metadata: Readonly<Record<string, string>>;
}

interface MultipartUpload extends ObjectRef {
  readonly parts: Map<number, Buffer>;
}

const PIECE_BYTES = 64 * 1024;

/** An object store in memory, whose calls fail on demand. The contract suite compares it with the store on OSS. */
export class MemoryObjectStore implements ObjectStore {
  /** All calls, in order. */
  readonly calls: StoreCall[] = [];
  /** Runs before each call has its effect. It may throw, wait, or change objects. */
  before: (call: StoreCall, signal?: AbortSignal) => void | Promise<void> = () => {};
  /** Runs after each call had its effect, and before the caller gets the answer. It may throw. */
  after: (call: StoreCall) => void | Promise<void> = () => {};
  /** Changes the bytes that are stored, as a faulty network would. */
  corrupt: (key: string, body: Buffer) => Buffer = (_key, body) => body;
  readonly #objects = new Map<string, StoredObject>();
  readonly #uploads = new Map<string, MultipartUpload>();

  /** The keys of all objects of a bucket, sorted. */
  keys(bucket: string): string[] {
    const prefix = `${bucket}/`;
    const keys = [...this.#objects.keys()].filter((path) => path.startsWith(prefix));
    return keys.map((path) => path.slice(prefix.length)).sort();
  }

  /** The content of an object, without a recorded call. */
  content(bucket: string, key: string): Buffer | undefined {
    return this.#objects.get(pathOf({ bucket, key }))?.body;
  }

  /** Stores an object without a recorded call. */
  set(bucket: string, key: string, body: Buffer, metadata: Readonly<Record<string, string>> = {}): void {
    this.#objects.set(pathOf({ bucket, key }), { body: Buffer.from(body), metadata });
  }

  /** The number of unfinished multipart uploads. */
  get unfinishedUploads(): number {
    return this.#uploads.size;
  }

  head: ObjectStore['head'] = (ref, signal) =>
    this.#call('head', ref.key, signal, async () => {
      const object = this.#objects.get(pathOf(ref));
      if (object === undefined) return undefined;
      const { body, metadata } = object;
      return { ...ref, etag: etagOf(body), size: body.length, ...(await checksumOf(body)), metadata };
    });

  async *read(...[version, range, signal]: Parameters<ObjectStore['read']>): AsyncGenerator<Buffer> {
    const slice = await this.#call('read', version.key, signal, async () => {
      const object = this.#objects.get(pathOf(version));
      if (object === undefined) throw new InvalidInput('SourceGone', `${pathOf(version)} does not exist`);
      if (etagOf(object.body) !== version.etag)
        throw new InvalidInput('SourceChanged', `${pathOf(version)} has another version`);
      return object.body.subarray(range.start, range.end);
    });
    for (let at = 0; at < slice.length; at += PIECE_BYTES) {
      signal?.throwIfAborted();
      yield Buffer.from(slice.subarray(at, at + PIECE_BYTES));
    }
  }

  get: ObjectStore['get'] = (ref, limit, signal) =>
    this.#call('get', ref.key, signal, async () => {
      const object = this.#objects.get(pathOf(ref));
      if (object !== undefined && object.body.length > limit)
        throw new InvalidInput('ObjectTooLarge', `${pathOf(ref)} has over ${limit} bytes`);
      return object && Buffer.from(object.body);
    });

  put: ObjectStore['put'] = (ref, body, signal) =>
    this.#call('put', ref.key, signal, () => this.#store(ref, Buffer.from(body)));

  putStream: ObjectStore['putStream'] = (ref, body, size, signal) =>
    this.#call('putStream', ref.key, signal, async () => {
      const pieces: Buffer[] = [];
      for await (const piece of body) {
        signal?.throwIfAborted();
        pieces.push(Buffer.from(piece));
      }
      const whole = Buffer.concat(pieces);
      if (whole.length !== size) throw new Error(`got ${whole.length} bytes instead of ${size}`);
      return await this.#store(ref, whole);
    });

  async *list(...[bucket, prefix, signal]: Parameters<ObjectStore['list']>): AsyncGenerator<string> {
    const keys = await this.#call('list', prefix, signal, async () =>
      this.keys(bucket)
        .filter((key) => key.startsWith(prefix))
        .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
    );
    yield* keys;
  }

  async remove(...[bucket, keys, signal]: Parameters<ObjectStore['remove']>): Promise<void> {
    for (const key of keys)
      await this.#call('remove', key, signal, async () => void this.#objects.delete(pathOf({ bucket, key })));
  }

  startUpload: ObjectStore['startUpload'] = (ref, signal) =>
    this.#call('startUpload', ref.key, signal, async () => {
      const uploadId = randomUUID();
      this.#uploads.set(uploadId, { ...ref, parts: new Map() });
      return uploadId;
    });

  uploadPart: ObjectStore['uploadPart'] = (ref, { uploadId, number, body }, signal) =>
    this.#call('uploadPart', ref.key, signal, async () => {
      const stored = this.corrupt(ref.key, Buffer.from(body));
      this.#upload(ref, uploadId).parts.set(number, stored);
      return await checksumOf(stored);
    });

  uploadedParts: ObjectStore['uploadedParts'] = (ref, uploadId, signal) =>
    this.#call('uploadedParts', ref.key, signal, async () =>
      [...this.#upload(ref, uploadId).parts]
        .sort(([a], [b]) => a - b)
        .map(([number, body]) => ({ number, size: body.length, etag: etagOf(body) })),
    );

  completeUpload: ObjectStore['completeUpload'] = (ref, uploadId, parts, signal) =>
    this.#call('completeUpload', ref.key, signal, async () => {
      const upload = this.#upload(ref, uploadId);
      const whole = Buffer.concat(parts.map(({ number }) => upload.parts.get(number) ?? Buffer.alloc(0)));
      this.#uploads.delete(uploadId);
      this.set(ref.bucket, ref.key, whole);
      return await checksumOf(whole);
    });

  abandonUploads: ObjectStore['abandonUploads'] = (ref, signal) =>
    this.#call('abandonUploads', ref.key, signal, async () => {
      for (const [uploadId, upload] of this.#uploads)
        if (pathOf(upload) === pathOf(ref)) this.#uploads.delete(uploadId);
    });

  #upload(ref: ObjectRef, uploadId: string): MultipartUpload {
    const upload = this.#uploads.get(uploadId);
    if (upload === undefined || pathOf(upload) !== pathOf(ref))
      throw new InvalidInput('NoSuchUpload', `${pathOf(ref)} has no upload ${uploadId}`);
    return upload;
  }

  async #store(ref: ObjectRef, body: Buffer): Promise<StoredChecksum> {
    const stored = this.corrupt(ref.key, body);
    this.set(ref.bucket, ref.key, stored);
    return await checksumOf(stored);
  }

  async #call<T>(
    method: keyof ObjectStore,
    key: string,
    signal: AbortSignal | undefined,
    work: () => Promise<T>,
  ): Promise<T> {
    signal?.throwIfAborted();
    const call = { method, key };
    this.calls.push(call);
    await this.before(call, signal);
    signal?.throwIfAborted();
    const result = await work();
    await this.after(call);
    return result;
  }
}

const pathOf = ({ bucket, key }: ObjectRef): string => `${bucket}/${key}`;

const etagOf = (body: Buffer): string => createHash('md5').update(body).digest('hex').toUpperCase();

/** CRC-64 of ECMA-182, reflected, as OSS computes it. */
async function checksumOf(body: Buffer): Promise<StoredChecksum> {
  const hash = await createCRC64('c96c5795d7870f42');
  return { crc64: BigInt(`0x${hash.init().update(body).digest('hex')}`).toString() };
}
