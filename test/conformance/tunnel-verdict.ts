import type { ConsumedRecord, ConsumerLine } from './tunnel-consumer.ts';

/** What a table's writers did: the ids that had rows before, and each id's changes in order, as `changeText` says them. */
export interface WrittenRows {
  readonly base: ReadonlySet<string>;
  readonly changes: ReadonlyMap<string, readonly string[]>;
}

/** What became of it. All lists empty is what the service and its clients promise. */
export interface Verdict {
  /** Rows and changes that nobody was given, or that nobody wrote. */
  readonly wrong: readonly string[];
  /** Changes of a row that came after a later one of it, and rows of the base data that came after changes. */
  readonly disorder: readonly string[];
  /**
   * Records that came again although they were not in the last batch of the channel's owner before (nor, when that one
   * had no second batch, in the last of the one before it), and those that one gave, in more than one batch, whose
   * channel was another's.
   */
  readonly excess: readonly string[];
  readonly duplicates: number;
  /** How often a channel went on with another reader. */
  readonly moves: number;
}

/** One reader's time with a channel. */
interface Session {
  readonly before: Session | undefined;
  batch: number;
  /** What it was given in its last batch. */
  last: Set<string>;
  /** The first batch that it gave when the channel was another's already. */
  late?: number;
}

/** Whether who comes after this one may give a record again: its checkpoint may not have been stored. */
const mayComeAgain = (record: string, session: Session | undefined): boolean =>
  session !== undefined &&
  (session.last.has(record) || (session.batch <= 1 && mayComeAgain(record, session.before)));

/** A change in words: `PutRow note=x rev=1`; a column that was deleted has a minus before it. */
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

/** Judges what consumers said, in the order in which it was heard. */
export function judge(lines: readonly ConsumerLine[], written: WrittenRows): Verdict {
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
      const before = latest.get(line.channel);
      if (before !== undefined) moves += 1;
      const session = { before, batch: 0, last: new Set<string>() };
      latest.set(line.channel, session);
      sessions.set(`${line.client} ${line.session}`, session);
    }
    if (line.type !== 'record') continue;
    const session = sessions.get(`${line.client} ${line.session}`);
    const id = idOf(line);
    const record = line.sequence ?? `base ${id}`;
    if (session !== undefined && line.batch !== session.batch) {
      session.batch = line.batch;
      session.last = new Set();
    }
    session?.last.add(record);
    // Who lost the channel may not know it yet, but finds out with the checkpoint of the first batch.
    const stale = session !== undefined && latest.get(line.channel) !== session;
    if (stale) session.late ??= line.batch;
    if (stale && session.late !== line.batch)
      excess.push(`${id} ${record} by ${line.client}, who has lost it`);
    if (seen.has(record)) {
      duplicates += 1;
      if (!stale && !mayComeAgain(record, session?.before))
        excess.push(`${id} ${record} again, by ${line.client}`);
      continue;
    }
    const at = line.sequence === undefined ? undefined : timeOf(line.sequence);
    seen.set(record, { id, text: changeText(line.action, line.columns), at });
    const last = newest.get(id) ?? -1n;
    if (at === undefined ? newest.size > 0 : at < last) disorder.push(`${id} ${record} after ${last}`);
    if (at !== undefined) newest.set(id, at);
  }
  return { wrong: wrongOf([...seen.values()], written), disorder, excess, duplicates, moves };
}

function wrongOf(
  seen: readonly { readonly id: string; readonly text: string; readonly at: bigint | undefined }[],
  { base, changes }: WrittenRows,
): string[] {
  const bases = seen.filter(({ at }) => at === undefined).map(({ id }) => id);
  const told = (id: string): string =>
    seen
      .filter((record) => record.id === id && record.at !== undefined)
      .sort((one, other) => ((one.at ?? 0n) < (other.at ?? 0n) ? -1 : 1))
      .map(({ text }) => text)
      .join(', ');
  const same = (id: string): string[] => {
    const [given, meant] = [told(id), (changes.get(id) ?? []).join(', ')];
    return given === meant ? [] : [`${id}: written [${meant}], given [${given}]`];
  };
  return [
    ...[...base].filter((id) => !bases.includes(id)).map((id) => `row ${id} was not given`),
    ...bases.filter((id) => !base.has(id)).map((id) => `row ${id} was given, and is none`),
    ...new Set([...changes.keys(), ...seen.map(({ id }) => id)].flatMap(same)),
  ];
}
