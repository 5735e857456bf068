/** `npm run bench -- <name>`: runs one benchmark and writes its results to `bench/results/`. */
const benches: Readonly<Record<string, () => Promise<unknown>>> = {
  alerts: () => import('./alerts/bench.ts'),
  gateway: () => import('./gateway/bench.ts'),
  hostile: () => import('./hostile/bench.ts'),
  source: () => import('./source/bench.ts'),
  unzip: () => import('./unzip/bench.ts'),
  weather: () => import('./weather/bench.ts'),
};

const name = process.argv[2] ?? '';
const bench = benches[name];
if (bench === undefined) {
  console.error(`usage: npm run bench -- <${Object.keys(benches).join(' | ')}>`);
  process.exit(2);
}
await bench();
