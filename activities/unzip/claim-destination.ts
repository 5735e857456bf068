import { setTimeout as delay } from 'node:timers/promises';
import { InvalidInput, Unavailable } from '../../domain/errors.ts';
import { type Archive, archiveLabel } from '../../domain/unzip/archive.ts';
import {
  archivePath,
  type Claim,
  type ClaimingRun,
  claimKey,
  decideClaim,
  destinationTaken,
  mergeFolders,
} from '../../domain/unzip/claim.ts';
import { checkAndNoteManifests, type OwnFiles } from './other-manifests.ts';
import {
  type ClaimDeps,
  claimOfOpenArchiveRun,
  isOpen,
  otherClaimKeys,
  otherClaims,
  precedingClaim,
  readClaim,
  removeClaims,
  storeClaim,
} from './stored-claims.ts';

/** A run that must wait for another one looks again after this time. */
const POLL_MS = 100;

/**
 * After this time, the step fails and Temporal retries it later. So a step that waits for a long time does not occupy a
 * slot of the worker all the time.
 */
const MAX_WAIT_MS = 3_000;

/** This run now has the claim on the destination. */
export interface Claimed {
  readonly outcome: 'claimed';
  /** True if a run object lists the manifests that were checked. This run must delete it at its end. */
  readonly hasRunObject: boolean;
  /**
   * The claims of closed runs on the same destination. The lists `folders` and `objects` of these claims are left out. What
   * these runs wrote to the bucket may still be there.
   */
  readonly closedRunClaims: readonly Claim[];
}

/** This run has deleted its claim, because an open run extracts the same archive. */
export interface Withdrawn {
  readonly outcome: 'withdrawn';
  /** The claim of that open run. */
  readonly by: Claim;
}

/**
 * Prepares the deletion of objects in these folders of the destination. First adds the folders to the claim of this run,
 * so that no other run begins to write there. Then returns the destinations of open runs. Objects in them must be kept.
 */
export async function claimForDeletion(
  deps: ClaimDeps,
  { archive, run, folders }: { archive: Archive; run: ClaimingRun; folders: Claim['folders'] },
  signal: AbortSignal,
): Promise<string[]> {
  // Without folders, all objects to delete are directly in the destination. No other archive writes there: archives with
  // destinations below it write only into its subfolders.
  if (folders?.length === 0) return [];
  const own: Claim = { ...run, key: archive.key, etag: archive.etag, folders: [] };
  const extend = async (claim: Claim): Promise<Claim['folders']> => {
    const extended = { ...claim, folders: mergeFolders(claim.folders, folders) };
    await storeClaim(deps, archive, extended, signal);
    return extended.folders;
  };
  const key = claimKey(archivePath(archive), run.runId);
  const allFolders = await readClaim(deps, archive, key, extend, signal);
  const extended = { ...own, folders: allFolders === undefined ? await extend(own) : allFolders };
  const taken = new Set<string>();
  const keys = await otherClaimKeys(deps, archive, extended, signal);
  for (const other of await otherClaims(deps, archive, extended, keys, signal)) {
    if (archivePath(other) === archivePath(own) || !(await isOpen(deps, other, signal))) continue;
    taken.add(`unzip/${archivePath(other)}/`);
  }
  return [...taken];
}

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
      return { ...claimed, hasRunObject: await checkAndNoteManifests(deps, files, signal) };
    await removeClaims(deps, archive, [claim], signal);
    return claimed;
  } catch (error) {
    if (error instanceof InvalidInput) await removeClaims(deps, archive, [claim], signal);
    throw error;
  }
}

/**
 * Checks the claims of other runs. If this run has precedence (see `decideClaim`), waits until the claims of the
 * other open runs are gone, because these runs may be writing already.
 */
async function checkClaims(
  deps: ClaimDeps,
  archive: Archive,
  own: Claim,
  signal: AbortSignal,
): Promise<Omit<Claimed, 'hasRunObject'> | Withdrawn> {
  for (const began = Date.now(); ; await delay(POLL_MS, undefined, { signal })) {
    const keys = await otherClaimKeys(deps, archive, own, signal);
    const preceding = await precedingClaim(deps, archive, own, keys, signal);
    if (preceding !== undefined) return { outcome: 'withdrawn', by: preceding };
    const others = await otherClaims(deps, archive, own, keys, signal);
    const open: Claim[] = await claimOfOpenArchiveRun(deps, archive, own, signal);
    for (const claim of others) if (await isOpen(deps, claim, signal)) open.push(claim);
    const decision = decideClaim(own, open);
    switch (decision.verdict) {
      case 'go': {
        const isOfClosedRun = (claim: Claim): boolean =>
          archivePath(claim) === archivePath(own) && !open.includes(claim);
        return { outcome: 'claimed', closedRunClaims: others.filter(isOfClosedRun) };
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

/** Returns the claims of open runs that write to the destination of an archive, without `folders` and `objects`. */
export async function claimsOfOpenRuns(
  deps: ClaimDeps,
  archive: Archive,
  signal: AbortSignal,
): Promise<Claim[]> {
  const noRun = { workflowId: '', runId: '', workflow: 'unzipObject' as const };
  const own = { ...noRun, key: archive.key, etag: archive.etag, folders: [] };
  const { open } = await claimsOfDestination(deps, archive, own, signal);
  return [...(await claimOfOpenArchiveRun(deps, archive, own, signal)), ...open];
}

/**
 * Returns the claims of closed runs for the same destination. The lists `folders` and `objects` of these claims are left
 * out. What these runs wrote to the bucket may still be there.
 */
export async function claimsOfClosedRuns(
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
  const { sameDestination } = await otherClaimKeys(deps, archive, own, signal);
  for (const claim of await otherClaims(deps, archive, own, { sameDestination, nearby: [] }, signal)) {
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
