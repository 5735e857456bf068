export function drawMutants<M extends { readonly kind: string }>(
  byFolder: Readonly<Record<string, readonly M[]>>,
  options: { readonly count: number; readonly random: () => number },
): M[];
export function changedLines(diff: string): Map<string, Set<number>>;
