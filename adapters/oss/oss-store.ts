import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type OSS from 'ali-oss';
import { InvalidInput } from '../../domain/errors.ts';
import type { ObjectRef, ObjectStore } from '../../ports/object-store.ts';
import { translateOssError } from './errors.ts';
import {
  bodyTimeoutMs,
  CALL_TIMEOUT_MS,
  createOssCall,
  type OssSettings,
  readChecksum,
} from './oss-client.ts';
import { ossUploads } from './oss-uploads.ts';
import { normalizeEtag, readSlice } from './read-slice.ts';

/** The object store on Alibaba Cloud OSS, through ali-oss. The store does not retry, because the activities retry. */
export function createOssStore(settings: OssSettings): ObjectStore {
  const call = createOssCall(settings);
  return {
    ...ossUploads(call),

    async head(ref, signal) {
      try {
        const { res } = await call('looking at', ref, signal, (oss) =>
          oss.head(ref.key, { timeout: CALL_TIMEOUT_MS }),
        );
        const headers = res.headers as Record<string, string>;
        return {
          ...ref,
          etag: normalizeEtag(headers.etag ?? ''),
          size: Number(headers['content-length']),
          crc64: headers['x-oss-hash-crc64ecma'],
          metadata: metadataOf(headers),
        };
      } catch (error) {
        if (error instanceof InvalidInput && error.type === 'SourceGone') return undefined;
        throw error;
      }
    },

    async *read(version, range, signal) {
      const { start, end } = range;
      // A Range header cannot ask for zero bytes.
      if (end <= start) return;
      const headers = { Range: `bytes=${start}-${end - 1}`, 'If-Match': `"${version.etag}"` };
      const answer = await call('reading', version, signal, (oss) =>
        oss.getStream(version.key, { headers, timeout: CALL_TIMEOUT_MS }),
      );
      const res = answer.res as { status: number; headers: Record<string, string> };
      try {
        yield* readSlice({ stream: answer.stream as Readable, ...res }, version, range, signal);
      } catch (error) {
        signal?.throwIfAborted();
        throw translateOssError(error, 'reading', version);
      }
    },

    async get(ref, limit, signal) {
      try {
        const answer = await call('reading', ref, signal, (oss) =>
          oss.getStream(ref.key, { timeout: CALL_TIMEOUT_MS }),
        );
        return await readStream(answer.stream as Readable, limit, ref);
      } catch (error) {
        if (error instanceof InvalidInput && error.type === 'SourceGone') return undefined;
        throw translateOssError(error, 'reading', ref);
      }
    },

    async put(ref, body, signal) {
      const md5 = createHash('md5').update(body).digest('base64');
      const options = { timeout: bodyTimeoutMs(body.length), headers: { 'Content-MD5': md5 } };
      return readChecksum(await call('writing', ref, signal, (oss) => oss.put(ref.key, body, options)));
    },

    async putStream(ref, body, size, signal) {
      const source = Readable.from(body, { objectMode: false, highWaterMark: 256 * 1024 });
      // If `source` fails, ali-oss reports only a closed connection. So this method throws the error of `source`
      // instead.
      let cause: unknown;
      source.once('error', (error) => {
        cause = error;
      });
      const abort = (): void =>
        void source.destroy(signal?.reason instanceof Error ? signal.reason : undefined);
      signal?.addEventListener('abort', abort, { once: true });
      // The published types require options that the library sets itself.
      const options = {
        contentLength: size,
        timeout: bodyTimeoutMs(size),
      } as unknown as OSS.PutStreamOptions;
      try {
        return readChecksum(
          await call('writing', ref, signal, (oss) => oss.putStream(ref.key, source, options)),
        );
      } catch (error) {
        throw cause ?? error;
      } finally {
        signal?.removeEventListener('abort', abort);
        source.destroy();
      }
    },

    async *list(bucket, prefix, signal) {
      let token: string | undefined;
      do {
        // Without this encoding, XML would change control characters in keys.
        const encoding = { 'encoding-type': 'url' } as const;
        const query = {
          prefix,
          'max-keys': '1000',
          ...encoding,
          ...(token ? { 'continuation-token': token } : {}),
        };
        const ref = { bucket, key: prefix };
        const page = await call('listing', ref, signal, (oss) =>
          oss.listV2(query, { timeout: CALL_TIMEOUT_MS }),
        );
        for (const { name } of page.objects ?? []) yield decodeURIComponent(name);
        token = page.nextContinuationToken;
      } while (token);
    },

    async remove(bucket, keys, signal) {
      const listed = keys.filter((key) => !NOT_IN_XML.test(key));
      for (const key of keys.filter((candidate) => NOT_IN_XML.test(candidate))) {
        const ref = { bucket, key };
        await call('removing', ref, signal, (oss) => oss.delete(key, { timeout: CALL_TIMEOUT_MS }));
      }
      for (let at = 0; at < listed.length; at += 1_000) {
        const chunk = listed.slice(at, at + 1_000);
        const ref = { bucket, key: `${chunk[0]}` };
        await call('removing', ref, signal, (oss) =>
          oss.deleteMulti(chunk, { quiet: true, timeout: CALL_TIMEOUT_MS }),
        );
      }
    },
  };
}

/** Characters that XML 1.0 lacks, and `\r`, which XML turns into `\n`. Such a key cannot be in a list of deletions. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: searches for control characters
const NOT_IN_XML = /[\u0000-\u0008\u000b-\u001f\ufffe\uffff]/;

const METADATA = 'x-oss-meta-';

function metadataOf(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => name.startsWith(METADATA))
      .map(([name, value]) => [name.slice(METADATA.length), value]),
  );
}

async function readStream(stream: Readable, limit: number, ref: ObjectRef): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) {
      throw new InvalidInput(
        'ObjectTooLarge',
        `object oss://${ref.bucket}/${ref.key}: it has over ${limit} bytes`,
      );
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}
