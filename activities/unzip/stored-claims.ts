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
  withoutLists,
} from '../../domain/unzip/claim.ts';
import type { ObjectStore } from '../../ports/object-store.ts';
import type { UnzipDeps } from './unzip-deps.ts';

const PARALLEL_READS = 8;

/** The largest claim has 2,000 folders and 1,000 objects. JSON can write six bytes for each byte of their keys. */
const MAX_CLAIM_BYTES = 32 * 1024 * 1024;

export type ClaimDeps = Pick<UnzipDeps, 'store' | 'runs' | 'lists'>;

/**
 * Calls `use` with the claim of a run, and returns what `use` returns; undefined if the run has none. Claims are large, so
 * `use` must not keep their lists, and must not read another one.
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
 * Returns the claims of other runs that may write the same keys: for the destination itself, below it, and above it. Their
 * lists are left out.
 */
export async function otherClaims(
  deps: ClaimDeps,
  { bucket }: Archive,
  own: Claim,
  signal: AbortSignal,
): Promise<Claim[]> {
  const { store } = deps;
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
    const use = (claim: Claim): void => {
      if (mayOverlap(own, claim)) claims.push(withoutLists(claim));
    };
    await readClaim(deps, { bucket }, key, use, signal);
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
