import * as v from 'valibot';
import { splitTokens } from './bearer-tokens.ts';
import { type Setting, setting } from './config.ts';

const KEY_BYTES = 32;

function isKey(text: string): boolean {
  const bytes = Buffer.from(text, 'base64');
  return bytes.length === KEY_BYTES && bytes.toString('base64') === text;
}

/** The keys that seal the addresses and secrets of channels. The first one seals, and all of them open. */
export const channelKeys: Setting<readonly string[]> = {
  ...setting(
    'SLUICE_CHANNEL_KEYS',
    'keys of 32 bytes in base64, separated by commas; create one with: openssl rand -base64 32',
    v.pipe(
      v.string(),
      v.transform(splitTokens),
      v.check((keys) => keys.length > 0 && keys.every(isKey)),
    ),
    [],
  ),
  secret: true,
};

function isOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { origin, protocol } = new URL(text);
  return origin === text && (protocol === 'http:' || protocol === 'https:');
}

/** A channel with one of these origins may have a private address, and may use http. */
export const channelOrigins: Setting<readonly string[]> = setting(
  'SLUICE_CHANNEL_ORIGINS',
  'origins such as http://127.0.0.1:9003, separated by commas',
  v.pipe(
    v.string(),
    v.transform(splitTokens),
    v.check((origins) => origins.every(isOrigin)),
  ),
  [],
);
