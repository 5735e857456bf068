import type { Credential } from '../auth/credentials.ts';
import { isTrustworthyAddress } from '../auth/issuer-keys.ts';
import { oidcCredential } from '../auth/oidc.ts';
import { type Report, readFields, type Surroundings } from '../yaml/fields.ts';

const FIELDS = ['issuer', 'audience', 'subjects', 'jwks', 'ca', 'token'];
const ADDRESS = 'an https address without name and password';

const isText = (text: string): boolean => text !== '';

/** Reads the credential `oidc`: an issuer, for whom its tokens must be, and whose they may be. */
export function readOidc(value: unknown, report: Report, { folder }: Surroundings): Credential | undefined {
  return readFields(value, FIELDS, report, (fields) => {
    // Not shown: a wrong address may be one with a password.
    const issuer = fields.text('issuer', isTrustworthyAddress, ADDRESS, true);
    const audience = fields.texts('audience', isText, 'audiences, of which a token must have one');
    const subjects = fields.texts('subjects', isText, 'subjects, as in system:serviceaccount:ns:name');
    const jwks = fields.has('jwks') ? fields.text('jwks', isTrustworthyAddress, ADDRESS, true) : undefined;
    const ca = fields.has('ca') ? fields.file('ca', folder)?.path : undefined;
    const token = fields.has('token') ? fields.file('token', folder)?.path : undefined;
    return oidcCredential({
      ...{ issuer, audience, subjects },
      ...(jwks === undefined ? {} : { jwks }),
      ...(ca === undefined ? {} : { ca }),
      ...(token === undefined ? {} : { token }),
    });
  });
}
