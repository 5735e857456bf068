import { median } from '../machine.ts';
import { type PostingClient, startBaselineLoop } from './baseline-loop.ts';
import { startProcesses } from './benchmark-processes.ts';

const PARALLEL = 64;
const ROUND_MS = 1_000;
const ROUNDS = 9;
const POSTERS: readonly PostingClient[] = ['bare', 'source', 'http-client'];

/**
 * Compares posts per second of the source's client and of the general HTTP client with a bare loop, in alternating
 * rounds.
 */
export async function posting() {
  const processes = await startProcesses();
  const loop = await startBaselineLoop(`${processes.sinkUrl}/bare`);
  try {
    const count = async (): Promise<number> => (await processes.sinkReport()).counts['/bare'] ?? 0;
    for (const poster of POSTERS) await loop.postFor(ROUND_MS, PARALLEL, poster);
    const turns: Record<PostingClient, number>[] = [];
    for (let turn = 0; turn < ROUNDS; turn++) {
      const rates = { bare: 0, source: 0, 'http-client': 0 };
      for (const poster of POSTERS) {
        const [began, before] = [performance.now(), await count()];
        await loop.postFor(ROUND_MS, PARALLEL, poster);
        rates[poster] = Math.round((((await count()) - before) * 1_000) / (performance.now() - began));
      }
      turns.push(rates);
      console.log(`posting: ${JSON.stringify(rates)}`);
    }
    const ratioOf = (poster: PostingClient): number =>
      Math.round(median(turns.map((rates) => rates[poster] / rates.bare)) * 100) / 100;
    return { source: ratioOf('source'), httpClient: ratioOf('http-client'), turns };
  } finally {
    await loop.stop();
    await processes.stop();
  }
}
