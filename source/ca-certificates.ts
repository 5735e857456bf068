import { X509Certificate } from 'node:crypto';
import type { Setting } from '../runtime/config.ts';

const PEM_HEADER = /-----BEGIN [^-]*-----/g;
const CERTIFICATE_BLOCK = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

/** Certificates in PEM, one or more, each whole. */
export const certificatesSetting = (variable: string): Setting<string | undefined> => ({
  variable,
  allowed: 'one or more whole certificates in PEM, as text (no file name)',
  parse: (value) => (hasOnlyCertificates(value) ? value : undefined),
  fallback: undefined,
  // What follows may be a key that was given by mistake.
  shown: (value) => value.split('\n', 1)[0] ?? '',
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
