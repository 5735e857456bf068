import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { finished } from 'node:stream/promises';
import { crc32, createDeflateRaw, deflateRawSync } from 'node:zlib';

const MIB = 1024 * 1024;

/**
 * A random number generator that always gives the same numbers (mulberry32), so that every run uses the same bytes.
 */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Returns two megabytes of random words. All texts in the archives are slices of these words. */
function compressibleText(random: () => number): Buffer {
  const words = Array.from({ length: 3_000 }, () =>
    Array.from({ length: 3 + Math.floor(random() * 7) }, () => 97 + Math.floor(random() * 26)),
  );
  const text = Buffer.alloc(2 * MIB, ' ');
  for (let at = 0; at < text.length - 16; at++) {
    const word = words[Math.floor(random() * words.length)] ?? [];
    Buffer.from(word).copy(text, at);
    at += word.length;
  }
  return text;
}

function randomBytes(random: () => number, size: number): Buffer {
  const bytes = Buffer.alloc(size);
  for (let at = 0; at + 4 <= size; at += 4) bytes.writeUInt32LE(Math.floor(random() * 2 ** 32), at);
  return bytes;
}

interface File {
  readonly name: string;
  /** The content in one or more pieces. */
  readonly pieces: Iterable<Buffer>;
  /** True if the file is not compressed. */
  readonly stored?: boolean;
}

/** 10,000 files of 10 KB of text. */
export function* manySmall(): Generator<File> {
  const random = randomFrom(1);
  const text = compressibleText(random);
  for (let at = 0; at < 10_000; at++) {
    const from = Math.floor(random() * (text.length - 10_240));
    yield { name: `d${at % 100}/f${at}.txt`, pieces: [text.subarray(from, from + 10_240)] };
  }
}

/** One file of 1 GB of text. */
export function* oneLarge(): Generator<File> {
  const random = randomFrom(2);
  const text = compressibleText(random);
  const pieces = function* (): Generator<Buffer> {
    for (let at = 0; at < 1_000; at++) {
      const from = Math.floor(random() * (text.length - 1_000_000));
      yield text.subarray(from, from + 1_000_000);
    }
  };
  yield { name: 'large.log', pieces: pieces() };
}

/** 2,000 files of 250 KB on average, half of them incompressible. */
export function* mixed(): Generator<File> {
  const random = randomFrom(3);
  const text = compressibleText(random);
  const sizes = [5_000, 20_000, 100_000, 300_000, 825_000];
  for (let at = 0; at < 2_000; at++) {
    const size = sizes[Math.floor(random() * sizes.length)] ?? 0;
    const from = Math.floor(random() * (text.length - size));
    const content = at % 2 === 0 ? text.subarray(from, from + size) : randomBytes(random, size);
    yield { name: `m${at % 20}/${at}.bin`, pieces: [content], stored: at % 2 === 1 };
  }
}

/** Writes an archive to `path`, unless this file already exists. */
export async function writeArchive(path: string, files: Iterable<File>): Promise<void> {
  if (
    await stat(path).then(
      () => true,
      () => false,
    )
  )
    return;
  const out = createWriteStream(path);
  const directory: Buffer[] = [];
  let offset = 0;
  const write = async (bytes: Buffer): Promise<void> => {
    offset += bytes.length;
    if (!out.write(bytes)) await once(out, 'drain');
  };
  for (const { name, pieces, stored = false } of files) {
    const at = offset;
    const encodedName = Buffer.from(name);
    const header = Buffer.alloc(30);
    header.writeUInt32LE(0x04034b50, 0);
    header.writeUInt16LE(20, 4);
    header.writeUInt16LE(0x808, 6); // UTF-8 names; sizes follow the data
    header.writeUInt16LE(stored ? 0 : 8, 8);
    header.writeUInt16LE(encodedName.length, 26);
    await write(Buffer.concat([header, encodedName]));
    const { crc, size, compressed } = await writeContent(pieces, stored, write);
    const sizes = Buffer.alloc(16);
    sizes.writeUInt32LE(0x08074b50, 0);
    sizes.writeUInt32LE(crc, 4);
    sizes.writeUInt32LE(compressed, 8);
    sizes.writeUInt32LE(size, 12);
    await write(sizes);
    const record = Buffer.alloc(46);
    record.writeUInt32LE(0x02014b50, 0);
    record.writeUInt16LE((3 << 8) | 20, 4);
    header.copy(record, 6, 4, 10);
    record.writeUInt32LE(crc, 16);
    record.writeUInt32LE(compressed, 20);
    record.writeUInt32LE(size, 24);
    record.writeUInt16LE(encodedName.length, 28);
    record.writeUInt16LE(0o100644, 40);
    record.writeUInt32LE(at, 42);
    directory.push(Buffer.concat([record, encodedName]));
  }
  const records = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(directory.length, 8);
  end.writeUInt16LE(directory.length, 10);
  end.writeUInt32LE(records.length, 12);
  end.writeUInt32LE(offset, 16);
  await write(records);
  await write(end);
  out.end();
  await finished(out);
}

async function writeContent(
  pieces: Iterable<Buffer>,
  stored: boolean,
  write: (bytes: Buffer) => Promise<void>,
): Promise<{ crc: number; size: number; compressed: number }> {
  let crc = 0;
  let size = 0;
  let compressed = 0;
  const list = [...pieces];
  for (const piece of list) {
    crc = crc32(piece, crc);
    size += piece.length;
  }
  const emit = async (bytes: Buffer): Promise<void> => {
    compressed += bytes.length;
    await write(bytes);
  };
  const [only] = list;
  if (stored) for (const piece of list) await emit(piece);
  else if (list.length === 1 && only !== undefined) await emit(deflateRawSync(only));
  else {
    const deflate = createDeflateRaw();
    const feed = (async () => {
      for (const piece of list) if (!deflate.write(piece)) await once(deflate, 'drain');
      deflate.end();
    })();
    for await (const chunk of deflate as AsyncIterable<Buffer>) await emit(chunk);
    await feed;
  }
  return { crc, size, compressed };
}
