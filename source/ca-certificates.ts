import { X509Certificate } from 'node:crypto';
import type { Setting } from '../runtime/config.ts';

const PEM_HEADER = /-----BEGIN [^-]*-----/g;
const CERTIFICATE_BLOCK = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

/** Parses one or more complete certificates in PEM. */
export const certificatesSetting = (variable: string): Setting<string | undefined> => ({
  variable,
  allowed: 'one or more complete certificates in PEM, as text (not a file name)',
  parse: (value) => (hasOnlyCertificates(value) ? value : undefined),
  fallback: undefined,
  // The next lines may contain a private key that was set by mistake.
  forMessage: (value) => value.split('\n', 1)[0] ?? '',
});

function hasOnlyCertificates(text: string): boolean {
  const blocks = text.match(CERTIFICATE_BLOCK) ?? [];
  if (blocks.length === 0 || blocks.length !== text.match(PEM_HEADER)?.length) return false;
  try {
    for (const block of blocks) new X509Certificate(block);
    return true;
  } catch {
    return false;
  }
}
