import type { Client } from '@temporalio/client';
import type { ScratchSpace } from '../activities/unzip/scratch-space.ts';
import { messageOf } from '../domain/errors.ts';
import type { Log } from '../runtime/log.ts';
import type { LockedScratchFolder } from './lock-scratch-folder.ts';

const CLEANUP_INTERVAL_MS = 5 * 60 * 1000;

/**
 * Deletes the files of ended runs from the scratch disk at once, and then every five minutes. Stops when `signal`
 * aborts.
 */
export function startScratchCleanup(
  client: Client,
  { disk, scratch }: { disk: LockedScratchFolder; scratch: ScratchSpace },
  log: Log,
  signal: AbortSignal,
): void {
  const removeEndedRuns = async (): Promise<void> => {
    const runs = disk.listRunFolders();
    if (runs.length === 0) return;
    const open = await listOpenRuns(client);
    for (const runId of runs) {
      if (open.has(runId)) continue;
      await scratch.discard(runId);
      log.info({ runId }, 'deleted the files of an ended run from the scratch disk');
    }
  };
  const run = (): void =>
    void removeEndedRuns().catch((error: unknown) =>
      log.warn({ reason: messageOf(error) }, 'could not clean up the scratch disk'),
    );
  const timer = setInterval(run, CLEANUP_INTERVAL_MS);
  signal.addEventListener('abort', () => clearInterval(timer), { once: true });
  run();
}

/**
 * Returns, for each open workflow, the id of its first run. If a workflow continues as new, its later runs use the folder
 * of the first run. The folder's name is the first run's id.
 */
async function listOpenRuns(client: Client): Promise<Set<string>> {
  const query = `WorkflowType = 'unzipArchive' AND ExecutionStatus = 'Running'`;
  const open = new Set<string>();
  for await (const { runId, raw } of client.workflow.list({ query })) open.add(raw.firstRunId || runId);
  return open;
}
