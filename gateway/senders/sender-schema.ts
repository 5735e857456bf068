import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import * as v from 'valibot';
import { messageOf } from '../../domain/errors.ts';
import type { Dialect } from '../../domain/event-pattern.ts';
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
import type { CredentialCheck } from '../auth/credentials.ts';
import { eventBridgeCredential } from '../auth/eventbridge.ts';
import { isSecureUrl } from '../auth/issuer.ts';
import { oidcCredential } from '../auth/oidc.ts';
import type { Sender } from './sender.ts';

/** Gives access to values outside the routes file. */
export interface SchemaContext {
  readonly env: (name: string) => string | undefined;
  /** Relative file names start from this folder. */
  readonly folder: string;
  /** The dialect of the file's patterns. */
  readonly dialect: Dialect;
}

/** The schema of a URL. Messages hide the value, which may contain a password or a token. */
const urlSchema = (pattern: RegExp, fits: (address: string) => boolean, allowed: string) =>
  valueSchema(v.pipe(v.string(), v.regex(pattern), v.check(fits)), allowed, hideValue);

const secureUrl = urlSchema(
  /^([Hh][Tt][Tt][Pp][Ss]:|[Hh][Tt][Tt][Pp]:\/\/(localhost|127\.|\[::1\]))/,
  isSecureUrl,
  'an https address without name and password',
);

/** The schema of an object with exactly one of these fields. Its output is the field's value. */
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

/** Adds a conversion to a schema. If `convert` throws, its error becomes a problem of the value. */
const convertedBy = <S extends v.GenericSchema, T>(schema: S, convert: (value: v.InferOutput<S>) => T) =>
  v.pipe(
    schema,
    v.rawTransform(({ dataset, addIssue, NEVER }): T => {
      try {
        return convert(dataset.value);
      } catch (error) {
        addIssue({ message: messageOf(error) });
        return NEVER;
      }
    }),
  );

/** The schema of the path of a readable file. Its output is the value that `convert` returns for the file's content. */
const fileSchema = <T>(folder: string, convert: (path: string, content: Buffer) => T) =>
  convertedBy(text('the path of a file'), (name) => {
    const path = resolve(folder, name);
    try {
      return convert(path, readFileSync(path));
    } catch (error) {
      const { code, syscall } = error as NodeJS.ErrnoException;
      throw syscall === undefined ? error : new Error(`${path} cannot be read (${code})`);
    }
  });

/**
 * Splits a text into tokens. Throws if there is none, or if one cannot be in a header. Messages start with `subject`.
 */
function requireValidTokens(value: string, subject: string): string[] {
  const tokens = splitTokens(value);
  if (tokens.length === 0) throw new Error(`${subject} is not set or has no token`);
  if (!tokens.every((token) => /^[\x21-\x7e]+$/.test(token)))
    throw new Error(`${subject} has a token with characters that a header cannot contain`);
  return tokens;
}

/** The schema of `{env: NAME}` or `{file: path}`. White space or commas separate the tokens in the variable or file. */
const tokensSchema = ({ env, folder }: SchemaContext) =>
  exactlyOne<BearerTokens>(
    {
      // Messages hide the value, because somebody may have entered the token itself.
      env: convertedBy(text('the name of a variable', /^[A-Za-z_]\w{0,99}$/, hideValue), (name) =>
        fixedTokens(requireValidTokens(env(name) ?? '', `variable ${name}`)),
      ),
      file: fileSchema(folder, (path, content) =>
        reloadedTokens(path, requireValidTokens(content.toString('utf8'), path)),
      ),
    },
    'either env, the name of a variable, or file',
  );

/** Reads a certificate. Throws if its key is unsuitable or the certificate is expired. */
function requireUnexpiredCertificate(path: string, content: Buffer): CertificateLookup {
  const certificate = readCertificate(content);
  if (certificate.validToMs < Date.now())
    throw new Error(
      `${path} is a certificate that expired at ${new Date(certificate.validToMs).toISOString()}`,
    );
  return pinnedCertificate(certificate);
}

const VERSIONS = ['v1', 'v2'] as const;

/**
 * The credential of EventBridge: the signed public URL, and the accepted certificates. A signature of v1 proves only
 * the token. So such signatures are accepted only if they are enabled and a token is configured.
 */
const eventBridgeSchema = (context: SchemaContext) =>
  v.pipe(
    fields({
      url: urlSchema(
        /^[Hh][Tt][Tt][Pp][Ss]?:[^\s#]+$/,
        URL.canParse,
        'the http or https URL of the rule, exactly as configured there',
      ),
      regions: v.exactOptional(texts('regions such as cn-hangzhou', /^[a-z]{2}-[a-z0-9-]{1,40}$/)),
      versions: v.optional(texts(VERSIONS.join(', '), /^v[12]$/), ['v2']),
      certificate: v.exactOptional(fileSchema(context.folder, requireUnexpiredCertificate)),
      token: v.exactOptional(tokensSchema(context)),
    }),
    v.metadata({ anyOf: [{ required: ['regions'] }, { required: ['certificate'] }] }),
    // This check comes first, because valibot skips it after a problem of the whole object.
    v.forward(
      v.partialCheck(
        [['versions'], ['token']],
        ({ versions, token }) => !versions.includes('v1') || token !== undefined,
        ({ input: { versions } }) =>
          `is ${JSON.stringify(versions)}; v1 requires a token, because everybody who got one push can read its secret and sign with it`,
      ),
      ['versions'],
    ),
    v.partialCheck(
      [['regions'], ['certificate']],
      (row) => row.regions !== undefined || row.certificate !== undefined,
      'regions is missing; allowed: a list of regions such as cn-hangzhou; not required if there is a certificate',
    ),
    v.transform(({ regions = [], certificate = fetchedCertificates(regions), token, versions, ...row }) =>
      eventBridgeCredential({
        ...{ ...row, certificates: certificate },
        versions: VERSIONS.filter((version) => versions.includes(version)),
        ...(token === undefined ? {} : { tokens: token }),
      }),
    ),
  );

/** The credential of OpenID Connect: the issuer, and the accepted audiences and subjects. */
const oidcSchema = ({ folder }: SchemaContext) =>
  v.pipe(
    fields({
      issuer: secureUrl,
      audience: texts('audiences; a token must have one of them'),
      subjects: texts('subjects such as system:serviceaccount:ns:name'),
      jwks: v.exactOptional(secureUrl),
      ca: v.exactOptional(fileSchema(folder, (path) => path)),
      token: v.exactOptional(fileSchema(folder, (path) => path)),
    }),
    v.transform((row) => oidcCredential(row)),
  );

const credentialSchema = (context: SchemaContext) =>
  exactlyOne<CredentialCheck>(
    {
      eventbridge: eventBridgeSchema(context),
      oidc: oidcSchema(context),
      bearer: v.pipe(tokensSchema(context), v.transform(bearerCredential)),
    },
    'one of eventbridge, oidc, bearer',
  );

const webhookSchema = v.pipe(
  fields({
    origins: texts('hosts such as events.example.com, or "*"', /^[\x21-\x7e]{1,255}$/),
    rate: v.optional(
      valueSchema(
        v.union([v.literal('*'), v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(999_999_999))]),
        'a whole number of requests per minute from 1 to 999999999, or "*"',
      ),
      '*',
    ),
  }),
  v.transform(({ origins, rate }) => ({ origins: origins.map((origin) => origin.toLowerCase()), rate })),
);

/** The schema of the list of senders. Its output is `Sender`s. Messages contain no secrets. */
export const sendersSchema = (context: SchemaContext) =>
  rows(
    v.pipe(
      fields({
        name: rowName,
        match: v.exactOptional(eventPattern(context.dialect)),
        // Messages hide the values, because somebody may have entered a token here.
        auth: v.optional(list(credentialSchema(context), 'credentials', showKind), []),
        webhook: v.exactOptional(webhookSchema),
        parkUnmatched: v.optional(v.pipe(flag, v.description('park events that no route matches')), false),
        ackParked: v.optional(v.pipe(flag, v.description('answer 202 to parked requests')), false),
      }),
      v.transform(({ auth, match, ...row }): Sender => ({ ...row, match, credentials: auth })),
    ),
    'sources',
    showKind,
  );
