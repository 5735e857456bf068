/** What a message shows in place of a value that is a secret. */
export const REDACTED = '(a secret, not shown)';

/** Puts `…` for secrets in a text that others wrote, as they are and as a URL has them; empty ones are no secrets. */
export function secretRedactor(secrets: readonly (string | undefined)[]): (text: string) => string {
  const forms = secrets.flatMap((secret) => (secret ? [secret, encodeURIComponent(secret)] : []));
  return (text) => forms.reduce((left, form) => left.replaceAll(form, '…'), text);
}

/** The address without its name and password, so that no message can quote them, and the header that they become. */
export function splitCredentials(url: string): { target: URL; authorization: string | undefined } {
  const target = new URL(url);
  const { username, password } = target;
  target.username = '';
  target.password = '';
  if (username === '' && password === '') return { target, authorization: undefined };
  const pair = [username, password].map(decodeURIComponent).join(':');
  return { target, authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}
