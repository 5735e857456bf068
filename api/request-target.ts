/** A request's target without what only proxies need: `http://host/path?query` is `/path?query`. */
export function originForm(target: string): string {
  const [absolute] = /^https?:\/\/[^/?#]*/i.exec(target) ?? [];
  if (absolute === undefined) return target;
  const rest = target.slice(absolute.length);
  return rest.startsWith('/') ? rest : `/${rest}`;
}

/** A target's path as Go's servers compare it, percent-escapes decoded; undefined where one of them is none. */
export function decodedPath(target: string): string | undefined {
  try {
    return decodeURIComponent(target.split('?', 1)[0] ?? '');
  } catch {
    return undefined;
  }
}
