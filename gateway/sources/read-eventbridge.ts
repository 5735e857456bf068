import { messageOf } from '../../domain/errors.ts';
import {
  type Certificates,
  fetchedCertificates,
  pinnedCertificate,
  readCertificate,
} from '../auth/certificate.ts';
import type { Credential } from '../auth/credentials.ts';
import { eventBridgeCredential } from '../auth/eventbridge.ts';
import { type Fields, type Report, readFields, type Surroundings } from '../yaml/fields.ts';
import { readTokens } from './read-tokens.ts';

const FIELDS = ['url', 'regions', 'versions', 'certificate', 'token'];
const VERSIONS = ['v1', 'v2'] as const;

/**
 * Reads the credential `eventbridge`: the public URL that is signed, and whose certificates are believed. Signatures of v1
 * are taken only where they are named and a token is there, which is all that they prove.
 */
export function readEventBridge(
  value: unknown,
  report: Report,
  surroundings: Surroundings,
): Credential | undefined {
  return readFields(value, FIELDS, report, (fields) => {
    // Not shown: its query may hold a token.
    const url = fields.text('url', isPublicUrl, 'the http or https URL of the rule, as written there', true);
    const asked = fields.has('versions')
      ? fields.texts('versions', (text) => VERSIONS.some((known) => known === text), VERSIONS.join(', '))
      : ['v2'];
    if (asked.includes('v1') && !fields.has('token'))
      fields.wrong(
        'versions',
        `versions is ${JSON.stringify(asked)}; v1 needs a token: its secret is readable by everybody who got one push, so that anybody can sign with it`,
      );
    const versions = VERSIONS.filter((version) => asked.includes(version));
    const certificates = certificatesOf(fields, surroundings);
    const tokens = fields.has('token')
      ? readTokens(fields.raw('token'), fields.inside('token'), surroundings)
      : undefined;
    if (certificates === undefined) return undefined;
    return eventBridgeCredential({
      ...{ url, versions, certificates },
      ...(tokens === undefined ? {} : { tokens }),
    });
  });
}

const isPublicUrl = (text: string): boolean =>
  URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) && !/[\s#]/.test(text);

function certificatesOf(fields: Fields, { folder }: Surroundings): Certificates | undefined {
  const isRegion = (text: string): boolean => /^[a-z]{2}-[a-z0-9-]{1,40}$/.test(text);
  const regions =
    fields.has('regions') || !fields.has('certificate')
      ? fields.texts('regions', isRegion, 'regions such as cn-hangzhou')
      : [];
  if (!fields.has('certificate')) return fetchedCertificates(regions);
  const file = fields.file('certificate', folder);
  if (file === undefined) return undefined;
  try {
    const certificate = readCertificate(file.content);
    if (certificate.to < Date.now())
      fields.wrong('certificate', `${file.path} was valid until ${new Date(certificate.to).toISOString()}`);
    return pinnedCertificate(certificate);
  } catch (error) {
    fields.wrong('certificate', `${file.path}: ${messageOf(error)}`);
    return undefined;
  }
}
