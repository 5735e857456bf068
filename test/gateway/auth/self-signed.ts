import { type KeyObject, sign } from 'node:crypto';

export interface Subject {
  readonly publicKey: KeyObject;
  /** The RSA key that signs. */
  readonly privateKey: KeyObject;
  /** Epoch ms, in whole seconds. */
  readonly from?: number;
  readonly to?: number;
  /** The server name in the certificate. */
  readonly host?: string;
}

const DAY_MS = 86_400_000;

/** Creates a self-signed X.509 v3 certificate in PEM (RFC 5280 §4.1). Only its key and dates are meaningful. */
export function selfSigned({ publicKey, privateKey, from, to, host }: Subject): Buffer {
  const now = Date.now();
  const algorithm = sequence(oid(SHA256_WITH_RSA), Buffer.from('0500', 'hex'));
  const name = sequence(der(0x31, sequence(oid(COMMON_NAME), der(0x0c, Buffer.from('sluice test')))));
  const body = sequence(
    der(0xa0, integer(2)),
    integer(1),
    algorithm,
    name,
    sequence(time(from ?? now - DAY_MS), time(to ?? now + DAY_MS)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    ...(host === undefined ? [] : [extensionFor(host)]),
  );
  const signature = sign('RSA-SHA256', body, privateKey);
  const whole = sequence(body, algorithm, der(0x03, Buffer.concat([Buffer.from([0]), signature])));
  const lines = whole.toString('base64').match(/.{1,64}/g) ?? [];
  return Buffer.from(`-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`);
}

/** The OIDs 1.2.840.113549.1.1.11, 2.5.4.3 and 2.5.29.17, encoded. */
const SHA256_WITH_RSA = '2a864886f70d01010b';
const COMMON_NAME = '550403';
const ALTERNATIVE_NAME = '551d11';

const extensionFor = (host: string): Buffer => {
  const names = sequence(der(0x82, Buffer.from(host)));
  return der(0xa3, sequence(sequence(oid(ALTERNATIVE_NAME), der(0x04, names))));
};

/** One value in DER: tag, length, content. */
function der(tag: number, ...content: Buffer[]): Buffer {
  const bytes = Buffer.concat(content);
  const digits = bytes.length.toString(16);
  const length = Buffer.from(digits.padStart(digits.length + (digits.length % 2), '0'), 'hex');
  const head = bytes.length < 0x80 ? [tag, bytes.length] : [tag, 0x80 + length.length, ...length];
  return Buffer.concat([Buffer.from(head), bytes]);
}

const sequence = (...content: Buffer[]): Buffer => der(0x30, ...content);
const integer = (value: number): Buffer => der(0x02, Buffer.from([value]));
const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'));
/** GeneralizedTime, as in 20261122120000Z. */
const time = (ms: number): Buffer =>
  der(0x18, Buffer.from(`${new Date(ms).toISOString().replace(/\.\d+|[-:T]/g, '')}`));
