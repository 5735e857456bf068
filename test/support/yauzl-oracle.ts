import { crc32 } from 'node:zlib';
import { fromBufferPromise } from 'yauzl';

/** A file as yauzl reads it: its uncompressed size, and the CRC-32 of the data. */
export interface OracleFile {
  readonly size: number;
  readonly crc32: number;
}

/** Returns the files of an archive as yauzl reads them; undefined if it rejects the archive. */
export async function filesByYauzl(archive: Buffer): Promise<OracleFile[] | undefined> {
  try {
    const zip = await fromBufferPromise(archive);
    const files: OracleFile[] = [];
    for await (const entry of zip.eachEntry()) {
      // Old archivers mark a directory only with a DOS attribute.
      const hasType = entry.versionMadeBy >> 8 === 3 && entry.externalFileAttributes >>> 28 !== 0;
      const isMarkedDirectory =
        entry.uncompressedSize === 0 && !hasType && (entry.externalFileAttributes & 0x10) !== 0;
      if (entry.fileName.endsWith('/') || isMarkedDirectory) continue;
      const isSymlink = entry.versionMadeBy >> 8 === 3 && entry.externalFileAttributes >>> 28 === 0o12;
      if (isSymlink) continue;
      const chunks: Buffer[] = [];
      for await (const chunk of await zip.openReadStreamPromise(entry)) chunks.push(chunk as Buffer);
      const content = Buffer.concat(chunks);
      files.push({ size: content.length, crc32: crc32(content) });
    }
    return files;
  } catch {
    return undefined;
  }
}
