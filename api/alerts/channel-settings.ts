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
 * Checks the settings of a channel.
 * @throws Problem `channel-rejected`, which names the setting, if no message could be sent with them
 */
export function checkSettings(
  { channelKinds, privateOrigins }: SettingsDeps,
  kind: string,
  settings: ChannelSettings,
): void {
  try {
    channelKinds[kind]?.check(settings, privateOrigins);
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    const [name = ''] = error.message.split(' ', 1);
    throw rejected(name, error.message);
  }
}

/** Throws a problem if a request sets the keyword of a webhook. Only robots require one. */
export function requireNoKeyword(kind: string, { keyword }: ChannelFields): void {
  if (kind === 'webhook' && keyword != null)
    throw rejected('keyword', 'keyword must be left out; only a robot has one, and a webhook has none');
}

const rejected = (name: string, detail: string): Problem =>
  new Problem('channel-rejected', detail, { errors: [{ in: 'body', name, detail }] });

/** Seals (encrypts) checked settings. Throws a problem if there is no key. */
export const sealSettings = (
  { sealer }: SettingsDeps,
  channelId: string,
  settings: ChannelSettings,
): SealedSettings => ({
  sealed: withKeyProblems(() => sealer.seal(JSON.stringify(settings), channelId)),
  shownurl: shownUrl(settings.url),
});

/** Returns the sealed settings of a channel after the changes in `fields`; undefined if `fields` changes no setting. */
export function resealSettings(
  deps: SettingsDeps,
  { key: { channelId }, columns }: ChannelRow,
  fields: ChannelFields,
): SealedSettings | undefined {
  const { url, secret, keyword } = fields;
  const given = [url, secret, keyword].filter((value) => value !== undefined);
  if (given.length === 0) return undefined;
  // A request with all settings can replace settings whose key is lost.
  const stored =
    given.length === 3 ? '{}' : withKeyProblems(() => deps.sealer.open(columns.sealed ?? '', channelId));
  const before = JSON.parse(stored) as Partial<ChannelSettings>;
  const settings = settingsOf(fields, { url: '', ...before });
  checkSettings(deps, columns.kind ?? '', settings);
  requireNoKeyword(columns.kind ?? '', fields);
  // Otherwise, messages with valid signatures would go to a receiver that does not know the secret.
  const isMoved = before.url !== undefined && new URL(before.url).origin !== new URL(settings.url).origin;
  if (isMoved && before.secret !== undefined && secret === undefined)
    throw rejected('secret', 'secret is missing; a url with another origin needs the secret of its receiver');
  return sealSettings(deps, channelId, settings);
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
