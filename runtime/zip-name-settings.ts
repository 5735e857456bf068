import * as v from 'valibot';
import { CHARSETS, parseCharsets, parseUnsafeNamePolicy } from '../domain/unzip/name-options.ts';
import { UNSAFE_NAME_POLICIES, type UnsafeNamePolicy } from '../domain/zip/entry-name.ts';
import { type Setting, setting } from './config.ts';

/** The charsets that are tried for entry names without a declared charset. */
const charsetsSetting: Setting<readonly string[]> = setting(
  'SLUICE_ZIP_CHARSET',
  `a comma-separated list of ${CHARSETS.join(', ')}`,
  v.pipe(
    v.string(),
    v.check((list) => parseCharsets(list) !== undefined),
    v.transform((list) => parseCharsets(list) ?? []),
  ),
  ['gb18030'] as readonly string[],
);

/** What happens to an entry with an unsafe name. */
const unsafeSetting: Setting<UnsafeNamePolicy> = setting(
  'SLUICE_ZIP_UNSAFE',
  UNSAFE_NAME_POLICIES.join(', '),
  v.pipe(
    v.string(),
    v.transform((name) => parseUnsafeNamePolicy(name) ?? name),
    v.picklist(UNSAFE_NAME_POLICIES),
  ),
  'fail',
);

/** How workers read entry names, unless the route or the archive says otherwise. */
export const zipNameSettings = {
  zipCharsets: charsetsSetting,
  zipUnsafe: unsafeSetting,
};
