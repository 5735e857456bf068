import type { Failure } from '../../domain/weather/provider-failure.ts';
import type { TableStore, Write } from '../../ports/table-store.ts';
import { freshnessTable } from '../../ports/weather-tables.ts';

/** Runs in a row without anything, after which a place counts as one that the provider does not have. */
const UNSUPPORTED_AFTER = 3n;

/** How a place came off. */
export type Checked =
  | { readonly adcode: string; readonly outcome: 'fresh'; readonly reporttime: string }
  | { readonly adcode: string; readonly outcome: 'empty' }
  | { readonly adcode: string; readonly outcome: 'failed'; readonly failure: Failure };

type FreshnessWrite = Write<typeof freshnessTable.key, typeof freshnessTable.columns>;

/** Notes when places were checked and how they came off; when they succeeded last stays where they did not. */
export async function storeFreshness(
  store: TableStore,
  places: readonly Checked[],
  about: {
    readonly provider: string;
    readonly run: string;
    readonly at: string;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const { signal } = about;
  const empty = places.filter(({ outcome }) => outcome === 'empty').map(({ adcode }) => ({ adcode }));
  const known = await store.getMany(freshnessTable, empty, {
    columns: ['empties', 'run', 'provider'],
    signal,
  });
  const empties = new Map(
    empty.map(({ adcode }, index) => {
      const { empties = 0n, run, provider } = known[index]?.columns ?? {};
      // What another provider did not have says nothing of this one.
      const before = provider === about.provider ? empties : 0n;
      // The same run's second try is not another run.
      return [adcode, run === about.run ? empties : before + 1n] as const;
    }),
  );
  const writes = places.map((place) => writeOf(place, empties.get(place.adcode) ?? 0n, about));
  const outcomes = await store.writeMany(freshnessTable, writes, { signal });
  for (const outcome of outcomes) if (outcome.outcome === 'failed') throw outcome.error;
}

function writeOf(
  place: Checked,
  empties: bigint,
  { provider, run, at }: { readonly provider: string; readonly run: string; readonly at: string },
): FreshnessWrite {
  const common = { checked: at, provider, run };
  const key = { adcode: place.adcode };
  switch (place.outcome) {
    case 'fresh': {
      const of = { succeeded: at, succeededby: provider, issued: place.reporttime };
      const fresh = { outcome: 'fresh', ...of, empties: 0n };
      return { key, do: 'update', set: { ...common, ...fresh }, remove: ['code'] };
    }
    case 'empty': {
      const outcome = empties >= UNSUPPORTED_AFTER ? 'unsupported' : 'empty';
      return { key, do: 'update', set: { ...common, outcome, empties }, remove: ['code'] };
    }
    default: {
      const { class: outcome, code } = place.failure;
      return { key, do: 'update', set: { ...common, outcome, code } };
    }
  }
}
