import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import * as v from 'valibot';
import { messageOf } from '../../domain/errors.ts';
import { type BearerTokens, fixedTokens, reloadedTokens, splitTokens } from '../../runtime/bearer-tokens.ts';
import {
  eventPattern,
  fields,
  flag,
  hideValue,
  list,
  rowName,
  rows,
  showKind,
  text,
  texts,
  valueSchema,
} from '../../runtime/schema.ts';
import { bearerCredential } from '../auth/bearer.ts';
import {
  type CertificateLookup,
  fetchedCertificates,
  pinnedCertificate,
  readCertificate,
} from '../auth/certificate.ts';
import type { Credential } from '../auth/credentials.ts';
import { eventBridgeCredential } from '../auth/eventbridge.ts';
import { isSecureUrl } from '../auth/issuer-keys.ts';
import { oidcCredential } from '../auth/oidc.ts';
import type { Sender } from './sender.ts';

/** Where values come from that are not in the file itself. */
export interface SchemaContext {
  readonly env: (name: string) => string | undefined;
  /** The folder that relative file names start from. */
  readonly folder: string;
}

/** A URL is not shown: it may have a password, or a token in its query. */
const urlSchema = (pattern: RegExp, fits: (address: string) => boolean, allowed: string) =>
  valueSchema(v.pipe(v.string(), v.regex(pattern), v.check(fits)), allowed, hideValue);

const secureUrl = urlSchema(
  /^([Hh][Tt][Tt][Pp][Ss]:|[Hh][Tt][Tt][Pp]:\/\/(localhost|127\.|\[::1\]))/,
  isSecureUrl,
  'an https address without name and password',
);

/** An object in which one of the fields is there, and only one: its value. */
const exactlyOne = <T>(entries: Readonly<Record<string, v.GenericSchema<unknown, T>>>, allowed: string) =>
  v.pipe(
    fields(Object.fromEntries(Object.entries(entries).map(([name, each]) => [name, v.exactOptional(each)]))),
    v.metadata({ minProperties: 1, maxProperties: 1 }),
    v.rawCheck(({ dataset: { value }, addIssue }) => {
      const known = Object.keys(entries).filter((name) => Object.hasOwn(Object(value), name));
      if (typeof value === 'object' && known.length !== 1) addIssue({ message: `allowed is ${allowed}` });
    }),
    v.transform((row) => Object.values(row)[0] as T),
  );

/** What is made of a value; what is thrown there is told of the value. */
const convertedBy = <S extends v.GenericSchema, T>(schema: S, make: (value: v.InferOutput<S>) => T) =>
  v.pipe(
    schema,
    v.rawTransform(({ dataset, addIssue, NEVER }): T => {
      try {
        return make(dataset.value);
      } catch (error) {
        addIssue({ message: messageOf(error) });
        return NEVER;
      }
    }),
  );

/** A file that can be read, and what is made of it. */
const fileSchema = <T>(folder: string, make: (path: string, content: Buffer) => T) =>
  convertedBy(text('the path of a file'), (name) => {
    const path = resolve(folder, name);
    try {
      return make(path, readFileSync(path));
    } catch (error) {
      const { code, syscall } = error as NodeJS.ErrnoException;
      throw syscall === undefined ? error : new Error(`${path} cannot be read (${code})`);
    }
  });

/** Tokens of `where`, of which there are some, and each of which a header can carry. */
function requireValidTokens(written: string, where: string): string[] {
  const tokens = splitTokens(written);
  if (tokens.length === 0) throw new Error(`${where} is not set or has no token`);
  if (!tokens.every((token) => /^[\x21-\x7e]+$/.test(token)))
    throw new Error(`${where} has a token with characters that no header can carry`);
  return tokens;
}

/** `{env: NAME}` or `{file: path}`: where tokens are, several of them separated by white space or commas. */
const tokensSchema = ({ env, folder }: SchemaContext) =>
  exactlyOne<BearerTokens>(
    {
      // Not shown: somebody may have written the token itself.
      env: convertedBy(text('the name of a variable', /^[A-Za-z_]\w{0,99}$/, hideValue), (name) =>
        fixedTokens(requireValidTokens(env(name) ?? '', `variable ${name}`)),
      ),
      file: fileSchema(folder, (path, content) =>
        reloadedTokens(path, requireValidTokens(content.toString('utf8'), path)),
      ),
    },
    'either env, the name of a variable, or file',
  );

/** A certificate of a key that EventBridge may have, and still valid. */
function requireUnexpiredCertificate(path: string, content: Buffer): CertificateLookup {
  const certificate = readCertificate(content);
  if (certificate.validToMs < Date.now())
    throw new Error(`${path} was valid until ${new Date(certificate.validToMs).toISOString()}`);
  return pinnedCertificate(certificate);
}

const VERSIONS = ['v1', 'v2'] as const;

/**
 * The public URL that is signed, and whose certificates are believed. Signatures of v1 are taken only where they are named
 * and a token is there, which is all that they prove.
 */
const eventBridgeSchema = (surroundings: SchemaContext) =>
  v.pipe(
    fields({
      url: urlSchema(
        /^[Hh][Tt][Tt][Pp][Ss]?:[^\s#]+$/,
        URL.canParse,
        'the http or https URL of the rule, as written there',
      ),
      regions: v.exactOptional(texts('regions such as cn-hangzhou', /^[a-z]{2}-[a-z0-9-]{1,40}$/)),
      versions: v.optional(texts(VERSIONS.join(', '), /^v[12]$/), ['v2']),
      certificate: v.exactOptional(fileSchema(surroundings.folder, requireUnexpiredCertificate)),
      token: v.exactOptional(tokensSchema(surroundings)),
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
    v.transform(({ regions = [], certificate = fetchedCertificates(regions), token, versions, ...row }) =>
      eventBridgeCredential({
        ...{ ...row, certificates: certificate },
        versions: VERSIONS.filter((version) => versions.includes(version)),
        ...(token === undefined ? {} : { tokens: token }),
      }),
    ),
  );

/** An issuer, for whom its tokens must be, and whose they may be. */
const oidcSchema = ({ folder }: SchemaContext) =>
  v.pipe(
    fields({
      issuer: secureUrl,
      audience: texts('audiences, of which a token must have one'),
      subjects: texts('subjects, as in system:serviceaccount:ns:name'),
      jwks: v.exactOptional(secureUrl),
      ca: v.exactOptional(fileSchema(folder, (path) => path)),
      token: v.exactOptional(fileSchema(folder, (path) => path)),
    }),
    v.transform((row) => oidcCredential(row)),
  );

const credentialSchema = (surroundings: SchemaContext) =>
  exactlyOne<Credential>(
    {
      eventbridge: eventBridgeSchema(surroundings),
      oidc: oidcSchema(surroundings),
      bearer: v.pipe(tokensSchema(surroundings), v.transform(bearerCredential)),
    },
    'one of eventbridge, oidc, bearer',
  );

const webhookSchema = v.pipe(
  fields({
    origins: texts('hosts such as events.example.com, or "*"', /^[\x21-\x7e]{1,255}$/),
    rate: v.optional(
      valueSchema(
        v.union([v.literal('*'), v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(999_999_999))]),
        'a whole number of requests a minute above 0, or "*"',
      ),
      '*',
    ),
  }),
  v.transform(({ origins, rate }) => ({ origins: origins.map((origin) => origin.toLowerCase()), rate })),
);

/** A list of sources as it is written; what is made of it are `Source`s. No message holds a secret. */
export const sendersSchema = (surroundings: SchemaContext) =>
  rows(
    v.pipe(
      fields({
        name: rowName,
        match: v.exactOptional(eventPattern),
        // Not shown: somebody may have written a token there.
        auth: v.optional(list(credentialSchema(surroundings), 'credentials', showKind), []),
        webhook: v.exactOptional(webhookSchema),
        parkUnmatched: v.optional(v.pipe(flag, v.description('what no route matches is parked')), false),
        ackParked: v.optional(v.pipe(flag, v.description('what is parked is answered 202')), false),
      }),
      v.transform(({ auth, match, ...row }): Sender => ({ ...row, match, credentials: auth })),
    ),
    'sources',
    showKind,
  );
