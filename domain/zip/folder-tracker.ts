/** Counts the empty folders. */
export class FolderTracker {
  readonly #folders = new Set<string>();

  add(path: string): void {
    if (path !== '') this.#folders.add(path);
  }

  /**
   * Counts the folders that contain neither files nor folders. So only the innermost of nested empty folders counts.
   */
  countEmpty(paths: Iterable<string>): number {
    if (this.#folders.size === 0) return 0;
    const used = new Set<string>();
    const use = (path: string): void => {
      for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) {
        const folder = path.slice(0, at);
        if (used.has(folder)) return;
        used.add(folder);
      }
    };
    for (const path of paths) use(path);
    for (const folder of this.#folders) use(folder);
    let empty = 0;
    for (const folder of this.#folders) if (!used.has(folder)) empty++;
    return empty;
  }
}
