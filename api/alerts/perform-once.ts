import { createHash, createHmac, randomBytes } from 'node:crypto';
import type { Request } from 'express';
import { ulid } from '../../domain/ulid.ts';
import { requestsTable } from '../../ports/alert-tables.ts';
import { Problem } from '../problem.ts';
import type { AlertStore } from './alert-store.ts';

/** A request that creates something or changes a state. `ulid` and `firstAt` are the same in each repetition. */
export interface KnownRequest {
  /** The ULID for what the request creates. */
  readonly ulid: string;
  /** When the request came for the first time, in epoch ms. */
  readonly firstAt: number;
  /** True if the request came before. Its effect may or may not be stored. */
  readonly isRepeated: boolean;
}

/**
 * Performs a POST once, however often it is repeated with the same header `Idempotency-Key`. Keys are remembered for
 * two days. Each path has its own keys. Bodies are compared by a hash of their JSON with sorted keys. So white space
 * and the order of fields do not count. Only hashes are stored. Call this after all checks: a rejected request is not
 * remembered.
 *
 * `perform` can be called again if it failed, or if its end was not recorded.
 * @throws Problem `key-reused` if the key came with another body
 */
export async function performOnce(
  { store, clock }: { readonly store: AlertStore; readonly clock: () => number },
  req: Request,
  { body, signal }: { readonly body: unknown; readonly signal: AbortSignal },
  perform: (request: KnownRequest) => Promise<void>,
): Promise<KnownRequest> {
  const idempotencyKey = req.get('idempotency-key');
  const now = clock();
  if (idempotencyKey === undefined) {
    const request = { ulid: ulid(now, randomBytes(10)), firstAt: now, isRepeated: false };
    await perform(request);
    return request;
  }
  const digest = createHash('sha256')
    // One path can be written in several ways.
    .update(JSON.stringify([decodeURIComponent(req.path), idempotencyKey]))
    .digest();
  const key = { requestId: digest.toString('hex') };
  const hash = createHmac('sha256', idempotencyKey).update(canonicalJson(body)).digest('hex');
  const columns = { body: hash, createdat: BigInt(now) };
  const written = await store.put(requestsTable, key, columns, { when: { row: 'absent' }, signal });
  const first = written === 'written' ? { columns } : await store.get(requestsTable, key, { signal });
  if (first?.columns.body !== hash)
    throw new Problem('key-reused', 'this Idempotency-Key was already used with another body');
  const firstAt = Number(first.columns.createdat ?? 0n);
  const request = { ulid: ulid(firstAt, digest), firstAt, isRepeated: written === 'unmet' };
  if ('done' in first.columns && first.columns.done) return request;
  await perform(request);
  await store.update(requestsTable, key, { set: { done: true } }, { signal });
  return request;
}

const canonicalJson = (body: unknown): string =>
  JSON.stringify(body ?? null, (_name, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)))
      : value,
  );
