import type { SinkEvent } from './source-sink.ts';
import type { Acknowledged } from './source-writer.ts';

/**
 * Compares the events of a sink with the source's guarantees. If all lists are empty, the source keeps its
 * guarantees.
 */
export class SourceLedger {
  /** Changes of a row that arrived after a later change of the same row. */
  readonly outOfOrder: string[] = [];
  /** Redelivered events that differ from the first delivery. */
  readonly differingRepeats: string[] = [];
  /** The number of redeliveries for each change, by its commit time in µs. */
  readonly repeatCounts = new Map<bigint, number>();
  readonly #events = new Map<string, string>();
  readonly #revisions = new Set<string>();
  readonly #newest = new Map<string, { readonly sequence: string; readonly revision: number }>();

  record({ headers, body }: SinkEvent): void {
    const {
      'ce-id': id = '',
      'ce-subject': subject = '',
      'ce-sequence': sequence = '',
    } = headers as StringHeaders;
    const row = decodeURIComponent(subject);
    // The attribute `replica` is ignored, because another source may redeliver the event.
    const text = JSON.stringify([{ ...headers, 'ce-replica': '' }, body]);
    const before = this.#events.get(id);
    if (before !== undefined) {
      if (before !== text) this.differingRepeats.push(`${id}: ${before}, then ${text}`);
      const commitTime = BigInt(`0x${sequence.split(':')[1] ?? ''}`);
      this.repeatCounts.set(commitTime, (this.repeatCounts.get(commitTime) ?? 0) + 1);
      return;
    }
    this.#events.set(id, text);
    const { columns } = JSON.parse(Buffer.from(body, 'base64').toString()) as {
      columns: { revision: number };
    };
    const { revision } = columns;
    this.#revisions.add(`${row} ${revision}`);
    const newest = this.#newest.get(row);
    if (newest !== undefined && (sequence <= newest.sequence || revision < newest.revision))
      this.outOfOrder.push(`${row}: ${sequence} (${revision}) after ${newest.sequence} (${newest.revision})`);
    this.#newest.set(row, { sequence, revision });
  }

  /** The number of different events. */
  get events(): number {
    return this.#events.size;
  }

  get duplicates(): number {
    return [...this.repeatCounts.values()].reduce((sum, times) => sum + times, 0);
  }

  /** Acknowledged changes that did not arrive. */
  missing(acknowledged: Acknowledged): string[] {
    return [...acknowledged].flatMap(([row, revisions]) =>
      revisions.map((revision) => `${row} ${revision}`).filter((change) => !this.#revisions.has(change)),
    );
  }
}

type StringHeaders = Readonly<Record<string, string | undefined>>;
