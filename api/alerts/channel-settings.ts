import { InvalidInput } from '../../domain/errors.ts';
import type { ChannelSettings } from '../../ports/channel.ts';
import { Problem } from '../problem.ts';
import type { AlertDeps } from './alert-deps.ts';
import type { ChannelFields } from './check-channel.ts';
import { type ChannelRow, shownUrl } from './stored-channel.ts';

/** The columns of a channel's settings. */
export interface SealedSettings {
  readonly sealed: string;
  readonly shownurl: string;
}

type SettingsDeps = Pick<AlertDeps, 'sealer' | 'channelKinds' | 'privateOrigins'>;

/**
 * Checks the settings of a channel, and seals them.
 * @throws Problem `channel-rejected`, which names the setting, if no message could be sent with them
 */
export function sealSettings(
  { sealer, channelKinds, privateOrigins }: SettingsDeps,
  { channelId, kind, settings }: { channelId: string; kind: string; settings: ChannelSettings },
): SealedSettings {
  try {
    channelKinds[kind]?.check(settings, privateOrigins);
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    const [name = ''] = error.message.split(' ', 1);
    throw new Problem('channel-rejected', error.message, {
      errors: [{ in: 'body', name, detail: error.message }],
    });
  }
  const sealed = withKeyProblems(() => sealer.seal(JSON.stringify(settings), channelId));
  return { sealed, shownurl: shownUrl(settings.url) };
}

/** Returns the sealed settings of a channel with changes, or undefined if nothing of them is changed. */
export function resealSettings(
  deps: SettingsDeps,
  { key: { channelId }, columns }: ChannelRow,
  fields: ChannelFields,
): SealedSettings | undefined {
  const { url, secret, keyword } = fields;
  if (url === undefined && secret === undefined && keyword === undefined) return undefined;
  const stored = withKeyProblems(() => deps.sealer.open(columns.sealed ?? '', channelId));
  const settings = settingsOf(fields, JSON.parse(stored) as ChannelSettings);
  return sealSettings(deps, { channelId, kind: columns.kind ?? '', settings });
}

/** Returns the settings among the fields of a request. Undefined fields are taken from `stored`, and null removes them. */
export function settingsOf(
  { url, secret, keyword }: ChannelFields,
  stored: ChannelSettings = { url: '' },
): ChannelSettings {
  const [newSecret, newKeyword] = [
    secret === undefined ? stored.secret : secret,
    keyword === undefined ? stored.keyword : keyword,
  ];
  return {
    url: url ?? stored.url,
    ...(newSecret == null ? {} : { secret: newSecret }),
    ...(newKeyword == null ? {} : { keyword: newKeyword }),
  };
}

/** A missing key is a mistake in the configuration, and the client can do nothing about it. */
function withKeyProblems<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof InvalidInput)
      throw new Problem('unavailable', error.message, { headers: { 'Retry-After': '30' } });
    throw error;
  }
}
