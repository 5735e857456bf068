import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { messageOf } from '../domain/errors.ts';
import type { Log } from '../runtime/log.ts';
import type { ScratchDisk } from './scratch-disk.ts';

const EVERY_MS = 60 * 60 * 1000;

/** Removes from the scratch disk what ended runs have left: at once, and every hour. Stops when `signal` aborts. */
export function startJanitor(client: Client, disk: ScratchDisk, log: Log, signal: AbortSignal): void {
  const sweep = async (): Promise<void> => {
    for (const runId of disk.runs()) {
      if (signal.aborted || (await isOpen(client, runId))) continue;
      disk.remove(runId);
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
async function isOpen(client: Client, firstRunId: string): Promise<boolean> {
  const query = `WorkflowType = 'unzipArchive' AND ExecutionStatus = 'Running'`;
  try {
    for await (const run of client.workflow.list({ query })) {
      if (run.runId === firstRunId || run.raw.firstRunId === firstRunId) return true;
    }
    return false;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}
