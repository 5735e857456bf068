import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import * as v from 'valibot';
import { messageOf } from '../../domain/errors.ts';
import { fixedTokens, type Tokens, tokensFile, tokensIn } from '../../runtime/bearer-tokens.ts';
import {
  eventPattern,
  fields,
  flag,
  hidden,
  kindOf,
  leaf,
  list,
  rowName,
  rows,
  text,
  texts,
} from '../../runtime/schema.ts';
import { bearerCredential } from '../auth/bearer.ts';
import { fetchedCertificates, pinnedCertificate, readCertificate } from '../auth/certificate.ts';
import type { Credential } from '../auth/credentials.ts';
import { eventBridgeCredential } from '../auth/eventbridge.ts';
import { isTrustworthyAddress } from '../auth/issuer-keys.ts';
import { oidcCredential } from '../auth/oidc.ts';
import type { Source } from './source.ts';

/** Where values come from that are not in the file itself. */
export interface Surroundings {
  readonly env: (name: string) => string | undefined;
  /** The folder that relative file names start from. */
  readonly folder: string;
}

/** A URL is not shown: it may have a password, or a token in its query. */
const url = (pattern: RegExp, fits: (address: string) => boolean, allowed: string) =>
  leaf(v.pipe(v.string(), v.regex(pattern), v.check(fits)), allowed, hidden);

const trustworthy = url(
  /^([Hh][Tt][Tt][Pp][Ss]:|[Hh][Tt][Tt][Pp]:\/\/(localhost|127\.|\[::1\]))/,
  isTrustworthyAddress,
  'an https address without name and password',
);

/** An object in which one of the fields is there, and only one. */
const exactlyOne = <const E extends v.ObjectEntries>(entries: E, message: string) =>
  v.pipe(
    fields(entries),
    v.metadata({ minProperties: 1, maxProperties: 1 }),
    v.rawCheck(({ dataset: { value }, addIssue }) => {
      const known = Object.keys(entries).filter((name) => Object.hasOwn(Object(value), name));
      if (typeof value === 'object' && known.length !== 1) addIssue({ message });
    }),
  );

/** A file that can be read: its path, and what is in it. */
const file = (folder: string) =>
  v.pipe(
    text('the path of a file'),
    v.rawTransform(({ dataset, addIssue, NEVER }) => {
      const path = resolve(folder, dataset.value);
      try {
        return { path, content: readFileSync(path) };
      } catch (error) {
        addIssue({ message: `${path} cannot be read (${(error as NodeJS.ErrnoException).code})` });
        return NEVER;
      }
    }),
  );

/** Tokens of `where`, of which there are some, and each of which a header can carry. */
function soundTokens(written: string, where: string, addIssue: v.RawTransformAddIssue<unknown>): string[] {
  const tokens = tokensIn(written);
  if (tokens.length === 0) addIssue({ message: `${where} is not set or has no token` });
  if (!tokens.every((token) => /^[\x21-\x7e]+$/.test(token)))
    addIssue({ message: `${where} has a token with characters that no header can carry` });
  return tokens;
}

/** `{env: NAME}` or `{file: path}`: where tokens are, several of them separated by white space or commas. */
const tokensAt = ({ env, folder }: Surroundings) =>
  v.pipe(
    exactlyOne(
      {
        // Not shown: somebody may have written the token itself.
        env: v.exactOptional(
          v.pipe(
            text('the name of a variable', /^[A-Za-z_]\w{0,99}$/, hidden),
            v.rawTransform(({ dataset: { value }, addIssue }) =>
              fixedTokens(soundTokens(env(value) ?? '', `variable ${value}`, addIssue)),
            ),
          ),
        ),
        file: v.exactOptional(
          v.pipe(
            file(folder),
            v.rawTransform(({ dataset: { value }, addIssue }) => {
              const tokens = soundTokens(value.content.toString('utf8'), value.path, addIssue);
              return tokensFile(value.path, tokens);
            }),
          ),
        ),
      },
      'allowed is either env, the name of a variable, or file',
    ),
    v.transform(({ env, file }) => (env ?? file) as Tokens),
  );

const VERSIONS = ['v1', 'v2'] as const;

/** A certificate in a file, of a key that EventBridge may have, and still valid. */
const certificate = (folder: string) =>
  v.pipe(
    file(folder),
    v.rawTransform(({ dataset: { value }, addIssue, NEVER }) => {
      try {
        const read = readCertificate(value.content);
        if (read.to < Date.now())
          addIssue({ message: `${value.path} was valid until ${new Date(read.to).toISOString()}` });
        return pinnedCertificate(read);
      } catch (error) {
        addIssue({ message: `${value.path}: ${messageOf(error)}` });
        return NEVER;
      }
    }),
  );

/**
 * The public URL that is signed, and whose certificates are believed. Signatures of v1 are taken only where they are named
 * and a token is there, which is all that they prove.
 */
const eventBridge = (surroundings: Surroundings) =>
  v.pipe(
    fields({
      url: url(
        /^[Hh][Tt][Tt][Pp][Ss]?:[^\s#]+$/,
        URL.canParse,
        'the http or https URL of the rule, as written there',
      ),
      regions: v.exactOptional(texts('regions such as cn-hangzhou', /^[a-z]{2}-[a-z0-9-]{1,40}$/)),
      versions: v.optional(texts(VERSIONS.join(', '), /^v[12]$/), ['v2']),
      certificate: v.exactOptional(certificate(surroundings.folder)),
      token: v.exactOptional(tokensAt(surroundings)),
    }),
    v.metadata({ anyOf: [{ required: ['regions'] }, { required: ['certificate'] }] }),
    // First, since the other one tells of the whole object, after which nothing in it is checked.
    v.forward(
      v.partialCheck(
        [['versions'], ['token']],
        ({ versions, token }) => !versions.includes('v1') || token !== undefined,
        ({ input: { versions } }) =>
          `is ${JSON.stringify(versions)}; v1 needs a token: its secret is readable by everybody who got one push, so that anybody can sign with it`,
      ),
      ['versions'],
    ),
    v.partialCheck(
      [['regions'], ['certificate']],
      (row) => row.regions !== undefined || row.certificate !== undefined,
      'regions is missing; allowed: a list of regions such as cn-hangzhou, unless there is a certificate',
    ),
    v.transform(({ url, regions = [], certificate, token, versions }) =>
      eventBridgeCredential({
        url,
        versions: VERSIONS.filter((version) => versions.includes(version)),
        certificates: certificate ?? fetchedCertificates(regions),
        ...(token === undefined ? {} : { tokens: token }),
      }),
    ),
  );

/** An issuer, for whom its tokens must be, and whose they may be. */
const oidc = ({ folder }: Surroundings) =>
  v.pipe(
    fields({
      issuer: trustworthy,
      audience: texts('audiences, of which a token must have one'),
      subjects: texts('subjects, as in system:serviceaccount:ns:name'),
      jwks: v.exactOptional(trustworthy),
      ca: v.exactOptional(
        v.pipe(
          file(folder),
          v.transform(({ path }) => path),
        ),
      ),
      token: v.exactOptional(
        v.pipe(
          file(folder),
          v.transform(({ path }) => path),
        ),
      ),
    }),
    v.transform((row) => oidcCredential(row)),
  );

const credential = (surroundings: Surroundings) =>
  v.pipe(
    exactlyOne(
      {
        eventbridge: v.exactOptional(eventBridge(surroundings)),
        oidc: v.exactOptional(oidc(surroundings)),
        bearer: v.exactOptional(v.pipe(tokensAt(surroundings), v.transform(bearerCredential))),
      },
      'allowed is one of eventbridge, oidc, bearer',
    ),
    v.transform(({ eventbridge, oidc, bearer }) => (eventbridge ?? oidc ?? bearer) as Credential),
  );

const webhook = v.pipe(
  fields({
    origins: texts('hosts such as events.example.com, or "*"', /^[\x21-\x7e]{1,255}$/),
    rate: v.optional(
      leaf(
        v.union([v.literal('*'), v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(999_999_999))]),
        'a whole number of requests a minute above 0, or "*"',
      ),
      '*',
    ),
  }),
  v.transform(({ origins, rate }) => ({ origins: origins.map((origin) => origin.toLowerCase()), rate })),
);

/** A list of sources as it is written; what is made of it are `Source`s. No message holds a secret. */
export const sourcesSchema = (surroundings: Surroundings) =>
  rows(
    v.pipe(
      fields({
        name: rowName,
        match: v.exactOptional(eventPattern),
        // Not shown: somebody may have written a token there.
        auth: v.optional(list(credential(surroundings), 'credentials', kindOf), []),
        webhook: v.exactOptional(webhook),
        parkUnmatched: v.optional(v.pipe(flag, v.description('what no route matches is parked')), false),
        ackParked: v.optional(v.pipe(flag, v.description('what is parked is answered 202')), false),
      }),
      v.transform(({ auth, match, ...row }): Source => ({ ...row, match, credentials: auth })),
    ),
    'sources',
    kindOf,
  );
