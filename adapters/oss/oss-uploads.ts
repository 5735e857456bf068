import { Readable } from 'node:stream';
import type OSS from 'ali-oss';
import type { ObjectRef, ObjectStore, UploadedPart } from '../../ports/object-store.ts';
import { bodyTimeoutMs, CALL_TIMEOUT_MS, type OssCall, readChecksum } from './oss-client.ts';

type Uploads = Pick<
  ObjectStore,
  'startUpload' | 'uploadPart' | 'uploadedParts' | 'completeUpload' | 'abandonUploads'
>;

/**
 * Multipart uploads with single calls of ali-oss. In its own `multipartUpload`, all uploads of a client have one cancel
 * flag, so aborting one upload would abort all.
 */
export function ossUploads(call: OssCall): Uploads {
  return {
    async startUpload(ref, signal) {
      const { uploadId } = await call('starting an upload of', ref, signal, (oss) =>
        oss.initMultipartUpload(ref.key, { timeout: CALL_TIMEOUT_MS }),
      );
      return uploadId;
    },

    async uploadPart(ref, { uploadId, number, body }, signal) {
      const options = { timeout: bodyTimeoutMs(body.length) };
      const source = Readable.from([body], { objectMode: false });
      const abort = (): void =>
        void source.destroy(signal?.reason instanceof Error ? signal.reason : undefined);
      signal?.addEventListener('abort', abort, { once: true });
      try {
        return readChecksum(
          await call('writing a part of', ref, signal, (oss) =>
            oss.uploadPart(ref.key, uploadId, number, source, 0, body.length, options),
          ),
        );
      } catch (error) {
        signal?.throwIfAborted();
        throw error;
      } finally {
        signal?.removeEventListener('abort', abort);
        source.destroy();
      }
    },

    async uploadedParts(ref, uploadId, signal) {
      const parts: UploadedPart[] = [];
      let marker = 0;
      for (;;) {
        const query = { 'max-parts': 1_000, 'part-number-marker': marker };
        const page = await call('listing the parts of', ref, signal, (oss) =>
          listParts(oss, ref, uploadId, query),
        );
        parts.push(...page.parts);
        if (!page.more) return parts;
        marker = page.marker;
      }
    },

    async completeUpload(ref, uploadId, parts, signal) {
      const list = parts.map(({ number, etag }) => ({ number, etag }));
      return readChecksum(
        await call('completing', ref, signal, (oss) =>
          oss.completeMultipartUpload(ref.key, uploadId, list, { timeout: bodyTimeoutMs(0) * 4 }),
        ),
      );
    },

    async abandonUploads(ref, signal) {
      const query = { prefix: ref.key, 'max-uploads': 1_000, 'encoding-type': 'url' };
      const { uploads } = await call('listing uploads of', ref, signal, (oss) =>
        oss.listUploads(query, { timeout: CALL_TIMEOUT_MS }),
      );
      for (const { name, uploadId } of uploads ?? []) {
        if (decodeURIComponent(name) !== ref.key) continue;
        await call('aborting an upload of', ref, signal, async (oss) => {
          await oss
            .abortMultipartUpload(ref.key, uploadId, { timeout: CALL_TIMEOUT_MS })
            .catch((error: unknown) => {
              if ((error as { code?: string }).code !== 'NoSuchUpload') throw error;
            });
        });
      }
    },
  };
}

/** ali-oss returns one part as an object and several as an array, with texts as values. */
async function listParts(
  oss: OSS,
  ref: ObjectRef,
  uploadId: string,
  query: object,
): Promise<{ parts: UploadedPart[]; more: boolean; marker: number }> {
  const page = await oss.listParts(ref.key, uploadId, query as OSS.ListPartsQuery, {
    timeout: CALL_TIMEOUT_MS,
  });
  const raw = page.parts as unknown;
  const rows = (Array.isArray(raw) ? raw : raw ? [raw] : []) as Record<string, string>[];
  const parts = rows.map((row) => ({
    number: Number(row.PartNumber),
    size: Number(row.Size),
    etag: String(row.ETag),
  }));
  return { parts, more: String(page.isTruncated) === 'true', marker: Number(page.nextPartNumberMarker) };
}
