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
} from '../../domain/unzip/claim.ts';
import type { ObjectStore } from '../../ports/object-store.ts';
import type { UnzipDeps } from './unzip-deps.ts';

const PARALLEL_READS = 16;

/** The largest claim has 2,000 folders and 1,000 objects. JSON can write six bytes for each byte of their keys. */
const MAX_CLAIM_BYTES = 32 * 1024 * 1024;

export type ClaimDeps = Pick<UnzipDeps, 'store' | 'runs'>;

/** Returns the claim of a run; undefined if it has none. */
export async function readClaim(
  { store }: Pick<UnzipDeps, 'store'>,
  { bucket }: Pick<Archive, 'bucket'>,
  key: string,
  signal: AbortSignal,
): Promise<Claim | undefined> {
  const body = await store.get({ bucket, key }, MAX_CLAIM_BYTES, signal);
  return body && (JSON.parse(body.toString('utf8')) as Claim);
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
 * Deletes all claims on the destination, and all run objects of the archive. After that, no archive takes the objects in
 * the destination for its own, so none deletes them.
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

/**
 * Returns the claims of other runs that may write the same keys: for the destination itself, below it, and above it.
 */
export async function otherClaims(
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
    // If the claim was deleted between the two calls, its run has finished.
    const claim = await readClaim({ store }, { bucket }, key, signal);
    if (claim !== undefined && mayOverlap(own, claim)) claims.push(claim);
  });
  return claims;
}

/**
 * Returns the open `unzipArchive` for the same destination. It may have no claim yet, or come from an earlier version
 * of Sluice, which stores no claims.
 */
export async function runsWithoutClaim(
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
