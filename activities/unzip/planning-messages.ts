/**
 * The format of messages between a worker and its planning process. A message has two parts: a head, which V8
 * serialises, and raw bytes. The lengths of both come first. The bytes are not serialised, because V8 would copy them.
 */
import type { Readable, Writable } from 'node:stream';
import { serialize } from 'node:v8';
import type { ArchivePlan, PlanInput, UnknownSizes, UnmeasuredInput } from '../../domain/zip/plan-archive.ts';
import type { DirectorySummary, SummaryOptions } from '../../domain/zip/summarize-directory.ts';

/** The work of a planning process. The directory follows it. */
export type PlanningJob =
  | { readonly plan: Omit<PlanInput, 'directory'> }
  | { readonly unmeasured: Omit<UnmeasuredInput, 'directory'> }
  | { readonly summarize: SummaryOptions };

/** The answer of a planning process. The sorted directory of a plan follows it. */
export type PlanningResult =
  | { readonly plan: Omit<ArchivePlan, 'sortedDirectory'>; readonly hasSortedDirectory: boolean }
  | UnknownSizes
  | { readonly summary: DirectorySummary }
  | { readonly invalid: { readonly type: string; readonly message: string } }
  | { readonly problem: { readonly type: string; readonly why: string } }
  /** The machine has too little memory. */
  | { readonly lacking: 'memory' }
  | { readonly bug: string };

const LENGTHS_BYTES = 8;

export interface PlanningMessage {
  /** A serialised value. */
  readonly head: Buffer;
  readonly rest: Buffer;
}

export function sendMessage(to: Writable, head: unknown, rest: Buffer = Buffer.alloc(0)): void {
  const serialized = serialize(head);
  const lengths = Buffer.alloc(LENGTHS_BYTES);
  lengths.writeUInt32LE(serialized.length, 0);
  lengths.writeUInt32LE(rest.length, 4);
  to.write(lengths);
  to.write(serialized);
  to.end(rest);
}

/** Reads one message. Resolves to undefined if the sender ends before the message does. */
export async function receiveMessage(from: Readable): Promise<PlanningMessage | undefined> {
  const lengths = Buffer.alloc(LENGTHS_BYTES);
  let parts: readonly Buffer[] = [lengths];
  let [part, filled] = [0, 0];
  for await (const chunk of from as AsyncIterable<Buffer>) {
    for (let at = 0; at < chunk.length && part < parts.length; ) {
      const target = parts[part] ?? lengths;
      const copied = chunk.copy(target, filled, at);
      at += copied;
      filled += copied;
      if (filled < target.length) break;
      if (part === 0)
        parts = [
          ...[lengths, Buffer.allocUnsafeSlow(lengths.readUInt32LE(0))],
          Buffer.allocUnsafeSlow(lengths.readUInt32LE(4)),
        ];
      part++;
      filled = 0;
    }
  }
  const [, head, rest] = parts;
  const isWhole = part === 3 || (part === 2 && rest?.length === 0);
  return isWhole && head !== undefined && rest !== undefined ? { head, rest } : undefined;
}
