import * as v from 'valibot';
import { CHARSETS, parseCharsets } from '../domain/unzip/name-options.ts';
import { UNSAFE_NAME_POLICIES } from '../domain/zip/entry-name.ts';
import { oneOf, type Setting, setting } from './config.ts';

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

/** How workers read entry names, unless the route or the archive says otherwise. */
export const zipNameSettings = {
  zipCharsets: charsetsSetting,
  zipUnsafe: oneOf('SLUICE_ZIP_UNSAFE', UNSAFE_NAME_POLICIES, 'fail'),
};
