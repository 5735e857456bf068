/** The claims that runs have stored in the bucket. */
import { forEachParallel } from '../../domain/for-each-parallel.ts';
import type { Archive } from '../../domain/unzip/archive.ts';
import { destinationWorkflowId } from '../../domain/unzip/archive-key.ts';
import {
  archivePath,
  type Claim,
  claimKey,
  claimPrefixes,
  mayOverlap,
  pathsAbove,
  precedes,
  withoutLists,
} from '../../domain/unzip/claim.ts';
import type { ObjectStore } from '../../ports/object-store.ts';
import type { UnzipDeps } from './unzip-deps.ts';

const PARALLEL_READS = 8;

/** The largest claim has 2,000 folders and 1,000 objects. JSON can write six bytes for each byte of their keys. */
const MAX_CLAIM_BYTES = 32 * 1024 * 1024;

export type ClaimDeps = Pick<UnzipDeps, 'store' | 'runs' | 'lists'>;

/**
 * Calls `use` with the claim of a run, and returns what `use` returns; undefined if the run has none. Claims are large,
 * so `use` must not keep their lists, and must not read another claim.
 */
export async function readClaim<T>(
  { store, lists }: Pick<ClaimDeps, 'store' | 'lists'>,
  { bucket }: Pick<Archive, 'bucket'>,
  key: string,
  use: (claim: Claim) => T | Promise<T>,
  signal: AbortSignal,
): Promise<T | undefined> {
  const parse = (body: Buffer) => use(JSON.parse(body.toString('utf8')) as Claim);
  return await lists.read(store, { bucket, key }, MAX_CLAIM_BYTES, parse, signal);
}

export const storeClaim = async (
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
 * Deletes all claims on the destination, and all run objects of the archive. After that, no run counts the objects in
 * the destination as objects of its archive, so no run deletes them.
 */
export async function removeClaimsAndRunObjects(
  store: ObjectStore,
  { bucket, runs: runObjectsPrefix, ...archive }: Archive,
  signal: AbortSignal,
): Promise<void> {
  for (const prefix of [claimPrefixes(archivePath(archive)).own, runObjectsPrefix]) {
    const keys: string[] = [];
    for await (const key of store.list(bucket, prefix, signal)) keys.push(key);
    await store.remove(bucket, keys, signal);
  }
}

/** The keys of the claims of other runs. Only runs that may write to the same files as this run. */
export interface OtherClaimKeys {
  /** The claims on the same destination. The smallest run id is first. */
  readonly sameDestination: readonly string[];
  /** The claims on destinations below and above it. */
  readonly nearby: readonly string[];
}

export async function otherClaimKeys(
  { store }: Pick<ClaimDeps, 'store'>,
  { bucket }: Archive,
  own: Claim,
  signal: AbortSignal,
): Promise<OtherClaimKeys> {
  const path = archivePath(own);
  const { own: ownPrefix, below } = claimPrefixes(path);
  const prefixes = [below, ...pathsAbove(path).map((above) => claimPrefixes(above).own)];
  const keysWith = async (...wanted: string[]): Promise<Set<string>> => {
    const keys = new Set<string>();
    await Promise.all(
      wanted.map(async (prefix) => {
        for await (const key of store.list(bucket, prefix, signal)) keys.add(key);
      }),
    );
    return keys;
  };
  const [same, nearby] = await Promise.all([keysWith(ownPrefix), keysWith(...prefixes)]);
  same.delete(claimKey(path, own.runId));
  return { sameDestination: [...same].sort(), nearby: [...nearby] };
}

/**
 * Returns the claim of an open run that extracts the same archive and has precedence. Usually reads one claim, so sixty
 * runs for one archive do not read the claims of all others.
 */
export async function precedingClaim(
  deps: ClaimDeps,
  archive: Archive,
  own: Claim,
  { sameDestination }: OtherClaimKeys,
  signal: AbortSignal,
): Promise<Claim | undefined> {
  const end = claimKey(archivePath(own), own.runId);
  for (const key of sameDestination) {
    if (key >= end) return undefined;
    const claim = await readClaim(deps, archive, key, withoutLists, signal);
    if (claim?.key !== own.key || !precedes(claim, own)) continue;
    if (await isOpen(deps, claim, signal)) return claim;
  }
  return undefined;
}

/**
 * Returns the claims of other runs that may write the same keys: for the destination itself, below it, and above it. Their
 * lists are left out.
 */
export async function otherClaims(
  deps: ClaimDeps,
  archive: Archive,
  own: Claim,
  { sameDestination, nearby }: OtherClaimKeys,
  signal: AbortSignal,
): Promise<Claim[]> {
  const claims: Claim[] = [];
  await forEachParallel([...sameDestination, ...nearby], PARALLEL_READS, async (key) => {
    // If a claim was deleted after the keys were listed, its run has finished, and `use` is not called.
    const use = (claim: Claim): void => {
      if (mayOverlap(own, claim)) claims.push(withoutLists(claim));
    };
    await readClaim(deps, archive, key, use, signal);
  });
  return claims;
}

/**
 * Returns a claim for the open `unzipArchive` of the same destination, as a list of at most one. The store may
 * have no claim of that run: either the run has not stored it yet, or it was started by an earlier version of Sluice,
 * which stores no claims.
 */
export async function claimOfOpenArchiveRun(
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

export const isOpen = async (
  { runs }: ClaimDeps,
  { workflowId, runId }: Claim,
  signal: AbortSignal,
): Promise<boolean> => (await runs.outcome(workflowId, runId, signal)) === undefined;
