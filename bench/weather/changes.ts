import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { weatherTable } from '../../ports/weather-tables.ts';
import { freePort } from '../../test/support/free-port.ts';
import { until } from '../../test/support/until.ts';
import { startWeatherSystem, type WeatherSystem } from '../../test/support/weather-system.ts';
import { anotherRun, firstRun } from './run-refresh.ts';

const MARK_DATE = '9999-12-31';

/**
 * Runs three refreshes and counts their rows and events. The first one fills the table. The second one finds no
 * changes. Before the third one, the forecasts of 5 % of the places change.
 */
export async function changes() {
  const system = await startWeatherSystem({ WEATHER_CALLS_PER_MINUTE: '24000' });
  const sink = await startSink();
  try {
    // The stand-in must not change forecasts by itself.
    await system.faults({ change: 0 });
    const port = await freePort();
    const source = system.child('source', {
      ...{ ...system.tablestore, K_SINK: sink.url, PORT: String(port), SLUICE_HOST: '127.0.0.1' },
      SLUICE_LOG_LEVEL: 'warn',
    });
    await source.start();
    await until('the source has its channels', async () => {
      const answer = await fetch(`http://127.0.0.1:${port}/status`);
      return ((await answer.json()) as { channels: readonly unknown[] }).channels.length === 4;
    });
    await system.worker('worker').start();
    const first = await system.result(await firstRun(system));
    await waitForEarlierChanges(system, sink, 'first');
    const firstCounts = sink.take();

    const second = await anotherRun(system);
    await waitForEarlierChanges(system, sink, 'again');
    const unchanged = { written: second.written, unchanged: second.unchanged, events: sink.take().changes };

    const { casts, adcodes } = await system.reissue({ share: 0.05 });
    const third = await anotherRun(system);
    await waitForEarlierChanges(system, sink, 'changed');
    const { changes: events, revisions } = sink.take();
    const changed = { places: adcodes.length, casts, written: third.written, events, revisions };
    const result = { first: { written: first.written, events: firstCounts.changes }, unchanged, changed };
    console.log(`changes: ${JSON.stringify(result)}`);
    return result;
  } finally {
    await system.stop();
    await sink.stop();
  }
}

/**
 * Writes marker rows to all partitions and waits for their events. The events of a partition arrive in order, so all
 * earlier changes have arrived too.
 */
async function waitForEarlierChanges({ store }: WeatherSystem, sink: Sink, mark: string): Promise<void> {
  const marks = Array.from({ length: 64 }, (_, index) => `${index}-${mark}`);
  await store.writeMany(
    weatherTable,
    marks.map((adcode) => ({ key: { adcode, date: MARK_DATE }, do: 'put', columns: { hash: mark } })),
  );
  await until(
    'the events of all marker rows have arrived',
    () => marks.every((adcode) => sink.marks.has(adcode)),
    60_000,
  );
}

type Sink = Awaited<ReturnType<typeof startSink>>;

/** Counts change events. Events of the marker rows are counted separately. */
async function startSink() {
  const marks = new Set<string>();
  let changes = 0;
  let revisions: Record<string, number> = {};
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { key, columns } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as {
        key: { adcode: string; date: string };
        columns: { revision?: number };
      };
      if (key.date === MARK_DATE) marks.add(key.adcode);
      else {
        changes++;
        revisions[String(columns.revision)] = (revisions[String(columns.revision)] ?? 0) + 1;
      }
      response.writeHead(202).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    marks,
    /** Returns the counts since the last call. */
    take() {
      const taken = { changes, revisions };
      [changes, revisions] = [0, {}];
      return taken;
    },
    async stop(): Promise<void> {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
