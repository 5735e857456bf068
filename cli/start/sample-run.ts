import { existsSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { sendHttp } from '../../runtime/http-client.ts';
import type { LocalPorts } from '../../runtime/local-ports.ts';
import { type RunSummary, toRunSummary } from '../runs/describe-run.ts';
import { NO_PROXY } from '../temporal-client.ts';
import type { Home } from './home.ts';
import { makeZip, sampleFiles } from './sample-zip.ts';

/** The bucket of the sample archive. */
export const SAMPLE_BUCKET = 'eb-ask';
export const SAMPLE_KEY = 'zip/hello.zip';
const RUN_TIMEOUT_MS = 60_000;

/** True until a run of the sample archive has ended, whatever its outcome. */
export const isFirstStart = (home: Home): boolean => !existsSync(home.sampleDone);

/**
 * Uploads the sample archive to the local OSS, which sends an event to the gateway. Returns the run after it has ended.
 * @throws Error if the upload fails or the run does not end within a minute
 */
export async function runSample(home: Home, ports: LocalPorts, signal: AbortSignal): Promise<RunSummary> {
  const putAt = Date.now();
  const { status } = await sendHttp({
    url: `http://localhost:${ports.oss}/${SAMPLE_BUCKET}/${SAMPLE_KEY}`,
    method: 'PUT',
    headers: { 'content-type': 'application/zip' },
    body: makeZip(sampleFiles),
    signal,
    timeoutMs: 15_000,
    maxBytes: 1_024,
  });
  if (status < 200 || status > 299) throw new Error(`the local OSS answered ${status} to PUT ${SAMPLE_KEY}`);

  const run = await waitForRunEnd(`127.0.0.1:${ports.temporal}`, putAt, signal);
  writeFileSync(home.sampleDone, `${run.workflowId}\n`);
  return run;
}

async function waitForRunEnd(address: string, putAt: number, signal: AbortSignal): Promise<RunSummary> {
  const connection = Connection.lazy({ address, channelArgs: NO_PROXY });
  const client = new Client({ connection, namespace: 'default' });
  const until = Date.now() + RUN_TIMEOUT_MS;
  try {
    for (;;) {
      const run = await connection.withDeadline(Date.now() + 5_000, () => latestRun(client, putAt));
      if (run !== undefined && run.closeTime !== null) return run;
      if (Date.now() > until) {
        const found = run === undefined ? 'no run was started' : `its run ${run.workflowId} has not ended`;
        throw new Error(`${found} within ${RUN_TIMEOUT_MS / 1_000} s`);
      }
      await delay(150, undefined, { signal });
    }
  } finally {
    await connection.close();
  }
}

/** The run that this upload started. Runs of earlier starts are ignored. */
async function latestRun(client: Client, putAt: number): Promise<RunSummary | undefined> {
  const query = `WorkflowId STARTS_WITH "unzip:${SAMPLE_BUCKET}/${SAMPLE_KEY}:"`;
  for await (const info of client.workflow.list({ query, pageSize: 5 })) {
    if (info.startTime.getTime() >= putAt - 1_000) return toRunSummary(info);
  }
  return undefined;
}
