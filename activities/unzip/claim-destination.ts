import { setTimeout as delay } from 'node:timers/promises';
import { InvalidInput, Unavailable } from '../../domain/errors.ts';
import { forEachParallel } from '../../domain/for-each-parallel.ts';
import { type Archive, archiveLabel } from '../../domain/unzip/archive.ts';
import { destinationWorkflowId } from '../../domain/unzip/archive-key.ts';
import {
  archivePath,
  type Claim,
  type ClaimingRun,
  claimKey,
  claimPrefixes,
  decideClaim,
  destinationTaken,
  mayOverlap,
  pathsAbove,
} from '../../domain/unzip/claim.ts';
import { checkManifests, type OwnFiles } from './other-manifests.ts';
import type { UnzipDeps } from './unzip-deps.ts';

const PARALLEL_READS = 16;

const MAX_CLAIM_BYTES = 4 * 1024 * 1024;

/** A run that must wait for another one looks again after this time. */
const POLL_MS = 100;

/**
 * After this time, the step fails and Temporal retries it later. So a step that waits occupies no slot of the worker.
 */
const MAX_WAIT_MS = 3_000;

type ClaimDeps = Pick<UnzipDeps, 'store' | 'runs'>;

/** The claims of closed runs for the same destination. Their objects may still exist. */
export interface Claimed {
  readonly outcome: 'claimed';
  /** True if this run has a run object now. */
  readonly hasRunObject: boolean;
  readonly staleClaims: readonly Claim[];
}

/** The open run that extracts the same archive. */
export interface Withdrawn {
  readonly outcome: 'withdrawn';
  readonly by: Claim;
}

const storeClaim = async (
  { store }: Pick<UnzipDeps, 'store'>,
  { bucket }: Archive,
  claim: Claim,
  signal: AbortSignal,
): Promise<void> => {
  const key = claimKey(archivePath(claim), claim.runId);
  await store.put({ bucket, key }, Buffer.from(JSON.stringify(claim)), signal);
};

export const removeClaims = async (
  { store }: Pick<UnzipDeps, 'store'>,
  archive: Archive,
  claims: readonly { readonly runId: string }[],
  signal: AbortSignal,
): Promise<void> => {
  const keys = claims.map(({ runId }) => claimKey(archivePath(archive), runId));
  await store.remove(archive.bucket, keys, signal);
};

/**
 * Claims the destination of a run. First stores the run's claim. Then checks that none of the run's objects belongs to
 * another open run, or is in the manifest of another archive. If this fails for good, deletes the claim. If another run
 * extracts the same archive, deletes the claim and returns that run.
 * @throws InvalidInput of type `DestinationTaken`; Unavailable of type `DestinationBusy` if the other run needs more
 * time
 */
export async function claimDestination(
  deps: ClaimDeps,
  claim: Claim,
  files: OwnFiles,
  signal: AbortSignal,
): Promise<Claimed | Withdrawn> {
  const { archive } = files;
  await storeClaim(deps, archive, claim, signal);
  try {
    const claimed = await checkClaims(deps, archive, claim, signal);
    if (claimed.outcome === 'claimed')
      return { ...claimed, hasRunObject: await checkManifests(deps.store, files, signal) };
    await removeClaims(deps, archive, [claim], signal);
    return claimed;
  } catch (error) {
    if (error instanceof InvalidInput) await removeClaims(deps, archive, [claim], signal);
    throw error;
  }
}

/** Checks the claims of other runs. Waits while an open run without precedence still has a claim. */
async function checkClaims(
  deps: ClaimDeps,
  archive: Archive,
  own: Claim,
  signal: AbortSignal,
): Promise<Omit<Claimed, 'hasRunObject'> | Withdrawn> {
  for (const began = Date.now(); ; await delay(POLL_MS, undefined, { signal })) {
    const others = await otherClaims(deps, archive, own, signal);
    const open: Claim[] = await runsWithoutClaim(deps, archive, own, signal);
    for (const claim of others) if (await isOpen(deps, claim, signal)) open.push(claim);
    const decision = decideClaim(own, open);
    switch (decision.verdict) {
      case 'go': {
        const isStale = (claim: Claim): boolean =>
          archivePath(claim) === archivePath(own) && !open.includes(claim);
        return { outcome: 'claimed', staleClaims: others.filter(isStale) };
      }
      case 'taken':
        throw destinationTaken(archive, decision.by.key, 'is being extracted');
      case 'withdraw':
        return { outcome: 'withdrawn', by: decision.by };
      case 'wait':
        if (Date.now() - began < MAX_WAIT_MS) break;
        throw destinationBusy(archive, decision.by);
      default:
        decision satisfies never;
    }
  }
}

/** Returns the claims of open runs that write to the destination of an archive. */
export async function openClaims(deps: ClaimDeps, archive: Archive, signal: AbortSignal): Promise<Claim[]> {
  const noRun = { workflowId: '', runId: '', workflow: 'unzipObject' as const };
  const own = { ...noRun, key: archive.key, etag: archive.etag, folders: [] };
  const { open } = await claimsOfDestination(deps, archive, own, signal);
  return [...(await runsWithoutClaim(deps, archive, own, signal)), ...open];
}

/** Returns the claims of closed runs for the same destination. Their objects may still exist. */
export async function closedClaims(
  deps: ClaimDeps,
  archive: Archive,
  run: ClaimingRun,
  signal: AbortSignal,
): Promise<Claim[]> {
  const own = { ...run, key: archive.key, etag: archive.etag, folders: [] };
  return (await claimsOfDestination(deps, archive, own, signal)).closed;
}

async function claimsOfDestination(
  deps: ClaimDeps,
  archive: Archive,
  own: Claim,
  signal: AbortSignal,
): Promise<{ open: Claim[]; closed: Claim[] }> {
  const [open, closed]: [Claim[], Claim[]] = [[], []];
  for (const claim of await otherClaims(deps, archive, own, signal)) {
    if (archivePath(claim) !== archivePath(own)) continue;
    ((await isOpen(deps, claim, signal)) ? open : closed).push(claim);
  }
  return { open, closed };
}

/** Creates the error for a destination that another run is writing to. A retry may succeed. */
export const destinationBusy = (archive: Archive, { workflowId }: Claim): Unavailable =>
  new Unavailable(
    'DestinationBusy',
    `${archiveLabel(archive)}: another run, ${workflowId}, writes to ${archive.destination}`,
    { afterMs: 1_000 },
  );

/**
 * Returns the claims of other runs that may write the same keys: for the destination itself, below it, and above it.
 */
async function otherClaims(
  { store }: ClaimDeps,
  { bucket }: Archive,
  own: Claim,
  signal: AbortSignal,
): Promise<Claim[]> {
  const path = archivePath(own);
  const { own: ownPrefix, below } = claimPrefixes(path);
  const prefixes = [ownPrefix, below, ...pathsAbove(path).map((above) => claimPrefixes(above).own)];
  const keys = new Set<string>();
  await Promise.all(
    prefixes.map(async (prefix) => {
      for await (const key of store.list(bucket, prefix, signal)) keys.add(key);
    }),
  );
  keys.delete(claimKey(path, own.runId));
  const claims: Claim[] = [];
  await forEachParallel(keys, PARALLEL_READS, async (key) => {
    const body = await store.get({ bucket, key }, MAX_CLAIM_BYTES, signal);
    // If the claim was deleted between the two calls, its run has finished.
    const claim = body && (JSON.parse(body.toString('utf8')) as Claim);
    if (claim !== undefined && mayOverlap(own, claim)) claims.push(claim);
  });
  return claims;
}

/**
 * Returns the open `unzipArchive` for the same destination. It may have no claim yet, or come from an earlier version
 * of Sluice, which stores no claims.
 */
async function runsWithoutClaim(
  { runs }: ClaimDeps,
  archive: Archive,
  own: Claim,
  signal: AbortSignal,
): Promise<Claim[]> {
  if (own.workflow === 'unzipArchive') return [];
  const workflowId = destinationWorkflowId(archive);
  const run = await runs.find(workflowId, signal);
  if (!run?.open) return [];
  const { runId, key = own.key, etag = '' } = run;
  return [{ workflowId, runId, workflow: 'unzipArchive', key, etag, folders: [] }];
}

const isOpen = async (
  { runs }: ClaimDeps,
  { workflowId, runId }: Claim,
  signal: AbortSignal,
): Promise<boolean> => (await runs.outcome(workflowId, runId, signal)) === undefined;
