import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { InvalidInput } from '../domain/errors.ts';

/** Encrypts texts that are stored. */
export interface Sealer {
  /** `about` is what the text belongs to. A sealed text opens only with the same `about`. */
  seal(text: string, about: string): string;
  /** @throws InvalidInput of type `SealedText`, without the text */
  open(sealed: string, about: string): string;
}

const CIPHER = 'aes-256-gcm';
const VERSION = 'v1';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Seals texts with AES-256-GCM. The first key seals, and all keys open, so that keys can be rotated. Keys are 32 bytes in
 * base64. The form of a sealed text is `v1.<id of the key>.<base64url of nonce, ciphertext and tag>`.
 */
export function createSealer(keys: readonly string[]): Sealer {
  const known = keys.map((text) => {
    const key = Buffer.from(text, 'base64');
    return { key, id: createHash('sha256').update(key).digest('hex').slice(0, 8) };
  });
  const [first] = known;
  return {
    seal(text, about) {
      if (first === undefined) throw refusal(`sealing ${about}: SLUICE_CHANNEL_KEYS is not set`);
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(CIPHER, first.key, nonce).setAAD(Buffer.from(about));
      const sealed = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return `${VERSION}.${first.id}.${sealed.toString('base64url')}`;
    },
    open(sealed, about) {
      const [version, id, payload = ''] = sealed.split('.');
      if (version !== VERSION) throw refusal(`opening ${about}: this is no sealed text`);
      const found = known.find((each) => each.id === id);
      if (found === undefined)
        throw refusal(`opening ${about}: SLUICE_CHANNEL_KEYS does not have the key that sealed it`);
      const bytes = Buffer.from(payload, 'base64url');
      if (bytes.length < NONCE_BYTES + TAG_BYTES) throw refusal(`opening ${about}: the sealed text is cut`);
      try {
        const decipher = createDecipheriv(CIPHER, found.key, bytes.subarray(0, NONCE_BYTES))
          .setAAD(Buffer.from(about))
          .setAuthTag(bytes.subarray(-TAG_BYTES));
        const text = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES));
        return Buffer.concat([text, decipher.final()]).toString('utf8');
      } catch {
        throw refusal(`opening ${about}: the sealed text was changed, or belongs to something else`);
      }
    },
  };
}

const refusal = (message: string): InvalidInput => new InvalidInput('SealedText', message);
