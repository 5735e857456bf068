import { crc32, deflateRawSync } from 'node:zlib';

/** An entry to write. All fields that a wrong or hostile archive may forge can be set. */
export interface ZipEntry {
  readonly name: string | Buffer;
  readonly content?: Buffer | string;
  readonly method?: 0 | 8 | number;
  readonly flags?: number;
  readonly host?: number;
  /** Unix mode, for symbolic links. */
  readonly mode?: number;
  readonly directoryBit?: boolean;
  readonly extra?: Buffer;
  /** False values in the local header and in the central directory. `localOffset` is only in the directory. */
  readonly declared?: { size?: number; compressedSize?: number; crc32?: number; localOffset?: number };
  /** If true, some bytes of the compressed data are changed. */
  readonly damage?: boolean;
}

export interface ZipOptions {
  /** Bytes before the archive. The offsets in the archive are not adjusted. */
  readonly prefix?: Buffer;
  readonly comment?: Buffer;
  /** Bytes after the archive. */
  readonly trailing?: Buffer;
  /**
   * The order of the entries in the central directory, as indexes into `entries`. By default, the order of the data.
   */
  readonly order?: (count: number) => number[];
}

/** Writes an archive as APPNOTE 4.3 describes it. Uses none of the code with which Sluice reads archives. */
export function zipOf(entries: readonly ZipEntry[], options: ZipOptions = {}): Buffer {
  const local: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const { header, data, record } = encode(entry, offset);
    local.push(header, data);
    central.push(record);
    offset += header.length + data.length;
  }
  const order = options.order?.(central.length) ?? central.keys();
  const directory = Buffer.concat([...order].map((at) => central[at] as Buffer));
  const comment = options.comment ?? Buffer.alloc(0);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries.length % 65_536, 8);
  end.writeUInt16LE(entries.length % 65_536, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  end.writeUInt16LE(comment.length, 20);
  const none = Buffer.alloc(0);
  return Buffer.concat([options.prefix ?? none, ...local, directory, end, comment, options.trailing ?? none]);
}

function encode(entry: ZipEntry, offset: number): { header: Buffer; data: Buffer; record: Buffer } {
  const {
    method = 8,
    flags = typeof entry.name === 'string' ? 0x800 : 0,
    host = 3,
    extra = Buffer.alloc(0),
  } = entry;
  const name = Buffer.from(entry.name as string);
  const content = Buffer.from(entry.content ?? '');
  const data = method === 8 ? deflateRawSync(content) : Buffer.from(content);
  if (entry.damage) for (let at = 0; at < data.length; at += 7) data[at] = (data[at] ?? 0) ^ 0x55;
  const { declared = {} } = entry;
  const crc = declared.crc32 ?? crc32(content);
  const size = declared.size ?? content.length;
  const compressedSize = declared.compressedSize ?? data.length;

  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  header.writeUInt16LE(20, 4);
  header.writeUInt16LE(flags, 6);
  header.writeUInt16LE(method, 8);
  header.writeUInt32LE(crc, 14);
  header.writeUInt32LE(compressedSize, 18);
  header.writeUInt32LE(size, 22);
  header.writeUInt16LE(name.length, 26);

  const record = Buffer.alloc(46);
  record.writeUInt32LE(0x02014b50, 0);
  record.writeUInt16LE((host << 8) | 20, 4);
  record.writeUInt16LE(20, 6);
  record.writeUInt16LE(flags, 8);
  record.writeUInt16LE(method, 10);
  record.writeUInt32LE(crc, 16);
  record.writeUInt32LE(compressedSize, 20);
  record.writeUInt32LE(size, 24);
  record.writeUInt16LE(name.length, 28);
  record.writeUInt16LE(extra.length, 30);
  record.writeUInt8(entry.directoryBit ? 0x10 : 0, 38);
  record.writeUInt16LE(entry.mode ?? 0o100644, 40);
  record.writeUInt32LE(declared.localOffset ?? offset, 42);
  return { header: Buffer.concat([header, name]), data, record: Buffer.concat([record, name, extra]) };
}
