/** How the files of an archive differ from those that Python's zipfile shows. */
export interface ToolDifference {
  readonly why: string;
  /** The charset of all names. Python reads them as CP437. */
  readonly charset?: 'utf-8' | 'gb18030';
  /** The path of a file by the name that Python shows; undefined if the file is not extracted. */
  readonly files?: Readonly<Record<string, string | undefined>>;
  /** The paths of all files that Sluice extracts, if Python reads another archive in the same file. */
  readonly otherArchive?: readonly string[];
}

const UTF8 = 'its names are UTF-8, which they do not declare';
const GB18030 = 'its names declare no charset, so they are read in the configured one, GB18030';
const SYMLINKS = 'symbolic links are skipped';
const COMMENT = 'its comment contains another archive, which the tools read instead of it';

/** Archives that three of four tools read without an error, and whose files differ, with the reason. */
export const toolDifferences: Readonly<Record<string, ToolDifference>> = {
  'go-archive-zip/symlink.zip': { why: SYMLINKS, files: { symlink: undefined } },
  'go-archive-zip/utf8-osx.zip': { why: UTF8, charset: 'utf-8' },
  'libarchive/test_compat_zip_8.zip': {
    why: 'a backslash in an archive from DOS separates folders',
    files: { 'arc\\test': 'arc/test' },
  },
  'libarchive/test_read_format_zip_7z_deflate.zip': {
    why: SYMLINKS,
    files: { 'libxkbcommon-x11.so': undefined, 'libxkbcommon-x11.so.0': undefined },
  },
  'libarchive/test_read_format_zip_filename_cp866.zip': { why: GB18030, charset: 'gb18030' },
  'libarchive/test_read_format_zip_filename_cp932.zip': { why: GB18030, charset: 'gb18030' },
  'libarchive/test_read_format_zip_filename_koi8r.zip': { why: GB18030, charset: 'gb18030' },
  'libarchive/test_read_format_zip_filename_utf8_ru2.zip': {
    why: GB18030,
    files: { '≡≥Θ≈σ⌠': '痱轺弭' },
  },
  'libarchive/test_read_format_zip_mac_metadata.zip': {
    why: 'metadata of macOS is skipped',
    files: { '__MACOSX/._file3': undefined },
  },
  'libarchive/test_read_format_zip_msdos.zip': {
    why: 'entries with the directory bit and no bytes are directories',
    files: { def: undefined, jkl: undefined },
  },
  'libarchive/test_read_format_zip_symlink.zip': { why: SYMLINKS, files: { symlink: undefined } },
  'libarchive/test_symlink_1.zip': {
    why: SYMLINKS,
    files: { dlink: undefined, flink: undefined, 'insecure.link': undefined },
  },
  'libarchive/test_symlink_dotdot.zip': { why: SYMLINKS, files: { dotdot: undefined, traildot: undefined } },
  'libzip/test-cp437-comment-utf-8.zip': {
    why: GB18030,
    charset: 'gb18030',
    files: { '±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0\u00a0': '耱篝貊鼬\ue2eb\ue3a9\ue467%FF%FF' },
  },
  'libzip/test-cp437-fc-utf-8-filename.zip': { why: UTF8, charset: 'utf-8' },
  'libzip/test-cp437.zip': {
    why: GB18030,
    charset: 'gb18030',
    files: { '±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0\u00a0': '耱篝貊鼬\ue2eb\ue3a9\ue467%FF%FF' },
  },
  'libzip/test-utf8-unmarked.zip': { why: UTF8, charset: 'utf-8' },
  'libzip/testfile-cp437.zip': { why: GB18030, charset: 'gb18030' },
  'libzip/zip-in-archive-comment.zip': { why: COMMENT, otherArchive: ['test'] },
  'libzip/zip64-in-archive-comment.zip': { why: COMMENT, otherArchive: ['testfile.txt'] },
  'zipjs/lorem-non-ascii.zip': { why: GB18030, charset: 'gb18030' },
};
