import { crc32, deflateRawSync } from 'node:zlib';

/** The files of the sample archive, by name. */
export const sampleFiles: Readonly<Record<string, string>> = {
  'hello.txt': 'Hello from Sluice. This file came out of zip/hello.zip.\n',
  '你好.txt': '你好，这个文件来自 zip/hello.zip。\n',
  'poems/jing-ye-si.txt': '床前明月光，疑是地上霜。\n举头望明月，低头思故乡。\n',
  'data/cities.csv': 'adcode,name\n110000,北京\n310000,上海\n440100,广州\n440300,深圳\n',
  'data/numbers.json': `${JSON.stringify(Array.from({ length: 1_000 }, (_, n) => n * n))}\n`,
};

const UTF8_NAMES = 0x0800;
const DEFLATE = 8;
/** 1 January 2026, 00:00, in MS-DOS format. */
const DATE = ((2026 - 1980) << 9) | (1 << 5) | 1;

/** Creates a zip archive of `files`, deflated, with names in UTF-8 (APPNOTE 6.3.10, §4.3). */
export function makeZip(files: Readonly<Record<string, string>>): Buffer {
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const [path, text] of Object.entries(files)) {
    const name = Buffer.from(path);
    const content = Buffer.from(text);
    const packed = deflateRawSync(content);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(UTF8_NAMES, 2);
    common.writeUInt16LE(DEFLATE, 4);
    common.writeUInt16LE(DATE, 8);
    common.writeUInt32LE(crc32(content), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(content.length, 18);
    common.writeUInt16LE(name.length, 22);

    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), common, name, packed]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offset, 10);
    central.push(Buffer.from('PK\x01\x02\x14\x00', 'latin1'), common, rest, name);
    locals.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(locals.length, 8);
  end.writeUInt16LE(locals.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, directory, end]);
}
