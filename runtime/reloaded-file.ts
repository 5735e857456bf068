import { readFileSync, statSync } from 'node:fs';
import { messageOf } from '../domain/errors.ts';

export interface ReloadOptions<T> {
  /** How often the file is looked at, at most, in ms. */
  readonly checkEveryMs: number;
  /** What the file says; called with undefined where there is no file. What it throws is a problem with the file. */
  readonly parse: (text: string | undefined) => T;
  /** What it said when the caller read it, if the caller did. */
  readonly initialValue?: T;
  /** Told of each problem once, while the last value stays; absent: whoever asks gets the problem. */
  readonly onProblem?: (error: unknown) => void;
}

/**
 * What a file says, which may change at any time: it is looked at when it is asked for, and read again when it changed.
 * Where there is no value yet, a problem is thrown.
 */
export function reloadedFile<T>(path: string, options: ReloadOptions<T>): () => T {
  const { checkEveryMs, parse, initialValue, onProblem } = options;
  let known: { value: T; version: string | undefined } | undefined =
    initialValue === undefined ? undefined : { value: initialValue, version: versionOf(path) };
  let lookedAt = initialValue === undefined ? Number.NEGATIVE_INFINITY : performance.now();
  let problem: string | undefined;
  return () => {
    if (known !== undefined && performance.now() - lookedAt < checkEveryMs) return known.value;
    let now = known;
    try {
      const version = versionOf(path);
      if (now === undefined || version !== now.version)
        now = { value: parse(version === undefined ? undefined : readFileSync(path, 'utf8')), version };
      problem = undefined;
    } catch (error) {
      if (now === undefined || onProblem === undefined) throw error;
      if (problem !== messageOf(error)) onProblem(error);
      problem = messageOf(error);
    }
    lookedAt = performance.now();
    known = now;
    return now.value;
  };
}

/** A mounted secret is a link that is changed: its target's own times tell. Undefined where there is no file. */
function versionOf(path: string): string | undefined {
  const stat = statSync(path, { throwIfNoEntry: false, bigint: true });
  return stat && `${stat.ino} ${stat.size} ${stat.mtimeNs} ${stat.ctimeNs}`;
}
