import type { Client } from '@temporalio/client';
import type { Scratch } from '../activities/unzip/scratch.ts';
import { messageOf } from '../domain/errors.ts';
import type { Log } from '../runtime/log.ts';
import type { ScratchDisk } from './scratch-disk.ts';

const EVERY_MS = 5 * 60 * 1000;

/** Removes from the scratch disk what ended runs have left: at once, and every five minutes. Stops when `signal` aborts. */
export function startJanitor(
  client: Client,
  { disk, scratch }: { disk: ScratchDisk; scratch: Scratch },
  log: Log,
  signal: AbortSignal,
): void {
  const sweep = async (): Promise<void> => {
    const runs = disk.runs();
    if (runs.length === 0) return;
    const open = await openRuns(client);
    for (const runId of runs) {
      if (open.has(runId)) continue;
      await scratch.discard(runId);
      log.info({ runId }, 'removed what an ended run left on the scratch disk');
    }
  };
  const run = (): void =>
    void sweep().catch((error: unknown) =>
      log.warn({ reason: messageOf(error) }, 'sweeping the scratch disk failed'),
    );
  const timer = setInterval(run, EVERY_MS);
  signal.addEventListener('abort', () => clearInterval(timer), { once: true });
  run();
}

/** Folders are named by the first run of a chain; the chain is open as long as any run of it is. */
async function openRuns(client: Client): Promise<Set<string>> {
  const query = `WorkflowType = 'unzipArchive' AND ExecutionStatus = 'Running'`;
  const open = new Set<string>();
  for await (const { runId, raw } of client.workflow.list({ query })) open.add(raw.firstRunId || runId);
  return open;
}
