import { readFileSync, statSync } from 'node:fs';
import { messageOf } from '../domain/errors.ts';

export interface ReloadOptions<T> {
  /** The minimum time between two checks of the file, in ms. */
  readonly checkEveryMs: number;
  /** Parses the file. Called with undefined if the file is missing. If it throws, the file has a problem. */
  readonly parse: (text: string | undefined) => T;
  /** The parsed value, if the caller has already read the file. */
  readonly initialValue?: T;
  /** Called once per problem; the last value stays in use. Without this function, the call throws the problem. */
  readonly onProblem?: (error: unknown) => void;
}

/**
 * Returns a function that returns the content of a file that may change. Each call checks the file, and reads it again
 * if it has changed. A call throws if the file has a problem and there is no value yet.
 */
export function reloadedFile<T>(path: string, options: ReloadOptions<T>): () => T {
  const { checkEveryMs, parse, initialValue, onProblem } = options;
  let known: { value: T; version: string | undefined } | undefined =
    initialValue === undefined ? undefined : { value: initialValue, version: versionOf(path) };
  let checkedAt = initialValue === undefined ? Number.NEGATIVE_INFINITY : performance.now();
  let problem: string | undefined;
  return () => {
    if (known !== undefined && performance.now() - checkedAt < checkEveryMs) return known.value;
    let current = known;
    try {
      const version = versionOf(path);
      if (current === undefined || version !== current.version)
        current = { value: parse(version === undefined ? undefined : readFileSync(path, 'utf8')), version };
      problem = undefined;
    } catch (error) {
      if (current === undefined || onProblem === undefined) throw error;
      if (problem !== messageOf(error)) onProblem(error);
      problem = messageOf(error);
    }
    checkedAt = performance.now();
    known = current;
    return current.value;
  };
}

/** Returns a text that changes with the file; undefined if it is missing. Follows links, as in mounted secrets. */
function versionOf(path: string): string | undefined {
  const stat = statSync(path, { throwIfNoEntry: false, bigint: true });
  return stat && `${stat.ino} ${stat.size} ${stat.mtimeNs} ${stat.ctimeNs}`;
}
