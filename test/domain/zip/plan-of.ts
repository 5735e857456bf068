import { defaultLimits, defaultPartLimits, type UnzipLimits } from '../../../domain/unzip/limits.ts';
import {
  type ArchivePlan,
  planArchive,
  planOrListUnmeasuredFiles,
  type UnknownSizes,
} from '../../../domain/zip/plan-archive.ts';
import type { ZipEntry, ZipOptions } from '../../support/zip-writer.ts';
import { directoryOf } from './directory-of.ts';

/** Plans the archive `oss://b/zip/a.zip` with these entries. */
export function planOf(
  entries: readonly ZipEntry[],
  { limits = {}, options = {} }: { limits?: Partial<UnzipLimits>; options?: ZipOptions } = {},
): ArchivePlan {
  const { directory, start, length } = directoryOf(entries, options);
  return planArchive({
    subject: 'archive oss://b/zip/a.zip',
    base: 'a',
    destination: 'unzip/a/',
    directory,
    candidate: { start, length, shift: options.prefix?.length ?? 0 },
    limits: { ...defaultLimits, ...limits },
    budget: defaultPartLimits,
    names: { charsets: ['gb18030'], unsafe: 'fail' },
  });
}

/** Plans the archive `oss://b/zip/a.zip` with this directory, before any size is measured. */
export function unmeasuredPlanOf(directory: Buffer, start: number): ArchivePlan | UnknownSizes {
  return planOrListUnmeasuredFiles({
    ...{
      subject: 'archive oss://b/zip/a.zip',
      base: 'a',
      destination: 'unzip/a/',
      directory,
      wrapped: false,
    },
    candidate: { start, length: directory.length, shift: 0 },
    ...{ limits: defaultLimits, budget: defaultPartLimits },
    names: { charsets: ['gb18030'], unsafe: 'fail' },
  });
}
