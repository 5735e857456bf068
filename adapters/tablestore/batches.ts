/** Runs `work` on every piece, at most `parallel` at a time, and waits for all that is under way also when one throws. */
export async function inParallel<P>(
  pieces: readonly P[],
  parallel: number,
  work: (piece: P) => Promise<void>,
): Promise<void> {
  const waiting = pieces.values();
  let failed = false;
  const lane = async (): Promise<void> => {
    for (const piece of waiting) {
      if (failed) return;
      try {
        await work(piece);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const lanes = await Promise.allSettled(Array.from({ length: Math.min(parallel, pieces.length) }, lane));
  for (const result of lanes) if (result.status === 'rejected') throw result.reason;
}

/** Items with the index they had. */
export type Piece<T> = readonly { readonly index: number; readonly item: T }[];

/** Cuts items into pieces of at most `rows` items and about `bytes` bytes; a larger one is a piece of its own. */
export function cutInPieces<T>(
  items: readonly T[],
  { rows, bytes, sizeOf }: { rows: number; bytes: number; sizeOf: (item: T) => number },
): Piece<T>[] {
  const pieces: { index: number; item: T }[][] = [];
  let size = 0;
  for (const [index, item] of items.entries()) {
    const own = sizeOf(item);
    const last = pieces.at(-1);
    if (last === undefined || last.length >= rows || size + own > bytes) {
      pieces.push([{ index, item }]);
      size = own;
    } else {
      last.push({ index, item });
      size += own;
    }
  }
  return pieces;
}
