import { withTemporalFailures } from '../temporal-failures.ts';
import { announce } from './announce.ts';
import { begin } from './begin.ts';
import { abandonBigFile, closeBigFile, openBigFile } from './big-file.ts';
import { download } from './download.ts';
import { extract } from './extract.ts';
import { inspect } from './inspect.ts';
import { awaitOther, findOther, stopOther } from './other-run.ts';
import { plan } from './plan.ts';
import { publish, tidy } from './publish.ts';
import { unpackSmall } from './unpack-small.ts';
import type { UnzipDeps } from './unzip-deps.ts';
import { upload } from './upload.ts';
import { downloadWindow, windowActivities } from './window-activities.ts';

type WithoutDeps<F> = F extends (deps: UnzipDeps, task: infer T) => infer R ? (task: T) => R : never;

const bind = <F extends (deps: UnzipDeps, task: never) => Promise<unknown>>(
  deps: UnzipDeps,
  run: F,
): WithoutDeps<F> => ((task: never) => run(deps, task)) as WithoutDeps<F>;

/** Returns the activities of the task queue `unzip`, which any worker may run. */
export function sharedActivities(deps: UnzipDeps) {
  return withTemporalFailures({
    inspect: bind(deps, inspect),
    findOther: bind(deps, findOther),
    awaitOther: bind(deps, awaitOther),
    stopOther: bind(deps, stopOther),
    unpackSmall: bind(deps, unpackSmall),
    plan: bind(deps, plan),
    begin: bind(deps, begin),
    download: bind(deps, download),
    openBigFile: bind(deps, openBigFile),
    downloadWindow: bind(deps, downloadWindow),
    closeBigFile: bind(deps, closeBigFile),
    abandonBigFile: bind(deps, abandonBigFile),
    publish: bind(deps, publish),
    tidy: bind(deps, tidy),
    announce: bind(deps, announce),
  });
}

/** Returns the activities of one worker's scratch queue: the steps that need the files on its disk. */
export function scratchActivities(deps: UnzipDeps) {
  return withTemporalFailures({
    extract: bind(deps, extract),
    upload: bind(deps, upload),
    downloadWindow: bind(deps, downloadWindow),
    ...windowActivities(deps),
  });
}

export type SharedActivities = ReturnType<typeof sharedActivities>;
export type ScratchActivities = ReturnType<typeof scratchActivities>;
