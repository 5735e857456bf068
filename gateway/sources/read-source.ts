import { bearerCredential } from '../auth/bearer.ts';
import type { Credential } from '../auth/credentials.ts';
import { type Fields, kindOf, type Report, readFields, type Surroundings, shown } from '../yaml/fields.ts';
import { readMatch } from '../yaml/read-match.ts';
import { readEventBridge } from './read-eventbridge.ts';
import { readOidc } from './read-oidc.ts';
import { readTokens } from './read-tokens.ts';
import type { Source, WebhookConsent } from './source.ts';

const FIELDS = ['name', 'match', 'auth', 'webhook', 'parkUnmatched', 'ackParked'];
const NAME = 'lower-case letters, digits and "-", up to 63';

/** Reads one row of the list of sources; undefined where anything in it was reported. */
export function readSource(value: unknown, report: Report, surroundings: Surroundings): Source | undefined {
  return readFields(value, FIELDS, report, (fields) => {
    const webhook = fields.has('webhook')
      ? readWebhook(fields.raw('webhook'), fields.inside('webhook'))
      : undefined;
    return {
      name: fields.text('name', (text) => /^[a-z0-9][a-z0-9-]{0,62}$/.test(text), NAME),
      match: fields.has('match') ? readMatch(fields.raw('match'), fields.inside('match')) : undefined,
      credentials: readAuth(fields, surroundings),
      ...(webhook === undefined ? {} : { webhook }),
      parkUnmatched: fields.flag('parkUnmatched'),
      ackParked: fields.flag('ackParked'),
    };
  });
}

const KINDS: Readonly<Record<string, typeof readOidc>> = {
  eventbridge: readEventBridge,
  oidc: readOidc,
  bearer: (value, report, surroundings) => {
    const tokens = readTokens(value, report, surroundings);
    return tokens === undefined ? undefined : bearerCredential(tokens);
  },
};

function readAuth(fields: Fields, surroundings: Surroundings): Credential[] {
  const auth = fields.has('auth') ? fields.raw('auth') : [];
  if (!Array.isArray(auth)) {
    // Not shown: somebody may have written a token there.
    fields.wrong('auth', `auth is ${kindOf(auth)}; allowed is a list of credentials`);
    return [];
  }
  return auth.flatMap((value: unknown, index) => {
    const made = readFields(value, Object.keys(KINDS), fields.inside('auth', index), (one) => {
      const [kind, ...more] = Object.keys(KINDS).filter((known) => one.has(known));
      const read = kind === undefined ? undefined : KINDS[kind];
      if (kind === undefined || read === undefined || more.length > 0) {
        one.inside()([], `allowed is one of ${Object.keys(KINDS).join(', ')}`);
        return undefined;
      }
      return read(one.raw(kind), one.inside(kind), surroundings);
    });
    return made === undefined ? [] : [made];
  });
}

function readWebhook(value: unknown, report: Report): WebhookConsent | undefined {
  return readFields(value, ['origins', 'rate'], report, (fields) => {
    const isOrigin = (text: string): boolean => /^[\x21-\x7e]{1,255}$/.test(text);
    const origins = fields.texts('origins', isOrigin, 'hosts such as events.example.com, or "*"');
    const rate = fields.raw('rate') ?? '*';
    const isRate = typeof rate === 'number' && Number.isInteger(rate) && rate > 0 && rate < 1e9;
    if (!isRate && rate !== '*')
      fields.wrong(
        'rate',
        `rate is ${shown(rate)}; allowed is a whole number of requests a minute above 0, or "*"`,
      );
    return { origins: origins.map((origin) => origin.toLowerCase()), rate: isRate ? rate : '*' };
  });
}
