/** Takes secrets out of a text that others wrote, as they are and as a URL has them. */
export function withoutSecrets(secrets: readonly (string | undefined)[]): (text: string) => string {
  const said = secrets.flatMap((secret) => (secret ? [secret, encodeURIComponent(secret)] : []));
  return (text) => said.reduce((left, secret) => left.replaceAll(secret, '…'), text);
}
