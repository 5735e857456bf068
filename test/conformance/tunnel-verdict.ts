import type { ConsumedRecord, ConsumerLine } from './tunnel-consumer.ts';

/**
 * The rows that the writer wrote: the ids of rows that existed before the tunnel, and the changes of each id in
 * order, as `changeText`.
 */
export interface WrittenRows {
  readonly base: ReadonlySet<string>;
  readonly changes: ReadonlyMap<string, readonly string[]>;
}

/** The verdict on the output of consumers. The service and its clients guarantee that all lists are empty. */
export interface Verdict {
  /** Rows and changes that were not delivered, or that were delivered but not written. */
  readonly wrong: readonly string[];
  /** Changes of a row that came after a later one, and rows of the base data that came after changes. */
  readonly disorder: readonly string[];
  /**
   * Two kinds of records:
   * - Records that were delivered before. Exception: a reader may repeat the last batch of the previous reader, because
   *   the checkpoint of that batch may not be stored. If the previous reader had at most one batch, the same holds for
   *   the reader before it.
   * - Records that a reader delivered after it had lost the channel. Exception: its first batch after the loss.
   */
  readonly excess: readonly string[];
  readonly duplicates: number;
  /** How often a channel moved to another reader. */
  readonly moves: number;
}

/** The period in which one reader has a channel. */
interface Session {
  readonly previous: Session | undefined;
  batch: number;
  /** The records of its last batch. */
  lastBatch: Set<string>;
  /** The first batch that it delivered after it had lost the channel. */
  firstLateBatch?: number;
}

/** True if the next reader may repeat a record, because the checkpoint of this reader may not be stored. */
const mayBeRepeated = (record: string, session: Session | undefined): boolean =>
  session !== undefined &&
  (session.lastBatch.has(record) || (session.batch <= 1 && mayBeRepeated(record, session.previous)));

/** Describes a change: `PutRow note=x rev=1`. A minus precedes a deleted column. */
export const changeText = (
  action: string,
  columns: readonly { readonly name: string; readonly change: string; readonly value: string }[],
): string =>
  [
    action,
    ...columns.map(({ name, change, value }) => (change === 'put' ? `${name}=${value}` : `-${name}`)).sort(),
  ].join(' ');

const idOf = ({ key }: ConsumedRecord): string => key[0]?.value ?? '';
const timeOf = (sequence: string): bigint => BigInt(sequence.split(':')[0] ?? '');

/** Evaluates the lines of all consumers, in the order in which they were received. */
export function evaluateConsumers(lines: readonly ConsumerLine[], written: WrittenRows): Verdict {
  const disorder: string[] = [];
  const excess: string[] = [];
  const seen = new Map<
    string,
    { readonly id: string; readonly text: string; readonly at: bigint | undefined }
  >();
  const newest = new Map<string, bigint>();
  const sessions = new Map<string, Session>();
  const latest = new Map<string, Session>();
  let [duplicates, moves] = [0, 0];

  for (const line of lines) {
    if (line.type === 'opened') {
      const previous = latest.get(line.channel);
      if (previous !== undefined) moves += 1;
      const session = { previous, batch: 0, lastBatch: new Set<string>() };
      latest.set(line.channel, session);
      sessions.set(`${line.client} ${line.session}`, session);
    }
    if (line.type !== 'record') continue;
    const session = sessions.get(`${line.client} ${line.session}`);
    const id = idOf(line);
    const record = line.sequence ?? `base ${id}`;
    if (session !== undefined && line.batch !== session.batch) {
      session.batch = line.batch;
      session.lastBatch = new Set();
    }
    session?.lastBatch.add(record);
    // A reader notices that it has lost the channel only when it stores the checkpoint of a batch.
    const stale = session !== undefined && latest.get(line.channel) !== session;
    if (stale) session.firstLateBatch ??= line.batch;
    if (stale && session.firstLateBatch !== line.batch)
      excess.push(`${id} ${record} by ${line.client}, which has lost the channel`);
    if (seen.has(record)) {
      duplicates += 1;
      if (!stale && !mayBeRepeated(record, session?.previous))
        excess.push(`${id} ${record} repeated by ${line.client}`);
      continue;
    }
    const at = line.sequence === undefined ? undefined : timeOf(line.sequence);
    seen.set(record, { id, text: changeText(line.action, line.columns), at });
    const last = newest.get(id) ?? -1n;
    if (at === undefined ? newest.size > 0 : at < last) disorder.push(`${id} ${record} after ${last}`);
    if (at !== undefined) newest.set(id, at);
  }
  return { wrong: findWrongDeliveries([...seen.values()], written), disorder, excess, duplicates, moves };
}

function findWrongDeliveries(
  seen: readonly { readonly id: string; readonly text: string; readonly at: bigint | undefined }[],
  { base, changes }: WrittenRows,
): string[] {
  const bases = seen.filter(({ at }) => at === undefined).map(({ id }) => id);
  const deliveredChanges = (id: string): string =>
    seen
      .filter((record) => record.id === id && record.at !== undefined)
      .sort((one, other) => ((one.at ?? 0n) < (other.at ?? 0n) ? -1 : 1))
      .map(({ text }) => text)
      .join(', ');
  const differencesOf = (id: string): string[] => {
    const [delivered, expected] = [deliveredChanges(id), (changes.get(id) ?? []).join(', ')];
    return delivered === expected ? [] : [`${id}: written [${expected}], delivered [${delivered}]`];
  };
  return [
    ...[...base].filter((id) => !bases.includes(id)).map((id) => `row ${id} was not delivered`),
    ...bases
      .filter((id) => !base.has(id))
      .map((id) => `row ${id} was delivered, but is not in the base data`),
    ...new Set([...changes.keys(), ...seen.map(({ id }) => id)].flatMap(differencesOf)),
  ];
}
