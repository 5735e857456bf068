import { median } from '../machine.ts';
import { type Poster, startBareLoop } from './bare-loop.ts';
import { startSubjects } from './subjects.ts';

const PARALLEL = 64;
const TURN_MS = 1_000;
const TURNS = 9;
const POSTERS: readonly Poster[] = ['bare', 'source', 'http-client'];

/** Posts a second of the source's own client and of the client of everything else, in turn with a bare loop. */
export async function posting() {
  const subjects = await startSubjects();
  const loop = await startBareLoop(`${subjects.sinkUrl}/bare`);
  try {
    const count = async (): Promise<number> => (await subjects.taken()).counts['/bare'] ?? 0;
    for (const poster of POSTERS) await loop.for(TURN_MS, PARALLEL, poster);
    const turns: Record<Poster, number>[] = [];
    for (let turn = 0; turn < TURNS; turn++) {
      const rates = { bare: 0, source: 0, 'http-client': 0 };
      for (const poster of POSTERS) {
        const [began, before] = [performance.now(), await count()];
        await loop.for(TURN_MS, PARALLEL, poster);
        rates[poster] = Math.round((((await count()) - before) * 1_000) / (performance.now() - began));
      }
      turns.push(rates);
      console.log(`posting: ${JSON.stringify(rates)}`);
    }
    const ratioOf = (poster: Poster): number =>
      Math.round(median(turns.map((rates) => rates[poster] / rates.bare)) * 100) / 100;
    return { source: ratioOf('source'), httpClient: ratioOf('http-client'), turns };
  } finally {
    await loop.stop();
    await subjects.stop();
  }
}
