/** Shown in messages instead of the value of a secret setting. */
export const REDACTED = '(a secret, not shown)';

/** Returns a function that replaces secrets in a text with `…`, also in URL-encoded form. Ignores empty secrets. */
export function secretRedactor(secrets: readonly (string | undefined)[]): (text: string) => string {
  const forms = secrets.flatMap((secret) => (secret ? [secret, encodeURIComponent(secret)] : []));
  return (text) => forms.reduce((redacted, form) => redacted.replaceAll(form, '…'), text);
}

/** Moves name and password of a URL into a header, so that messages with the URL cannot contain them. */
export function splitCredentials(url: string): { target: URL; authorization: string | undefined } {
  const target = new URL(url);
  const { username, password } = target;
  target.username = '';
  target.password = '';
  if (username === '' && password === '') return { target, authorization: undefined };
  const pair = [username, password].map(decodeURIComponent).join(':');
  return { target, authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}
