/** Chooses the mutants of a run. */

/** Each folder gets at least this many mutants, if it has that many and `count` is large enough. */
const MIN_PER_FOLDER = 15;

/**
 * Draws `count` mutants. First, each folder gets the same number. The rest is divided by the folders' shares of all
 * mutants. Within a folder, each kind of mistake has the same chance. Otherwise the kinds with the most mutants would
 * be drawn most often, although people do not make these mistakes most often. `random` returns numbers in [0, 1).
 */
export function drawMutants(byFolder, { count, random }) {
  const folders = Object.keys(byFolder);
  const total = folders.reduce((sum, folder) => sum + byFolder[folder].length, 0);
  const least = Math.min(MIN_PER_FOLDER, Math.floor(count / folders.length));
  const rest = Math.max(0, count - least * folders.length);
  return folders.flatMap((folder) => {
    const mutants = byFolder[folder];
    return drawByKind(mutants, least + Math.round((rest * mutants.length) / total), random);
  });
}

function drawByKind(mutants, count, random) {
  const byKind = new Map();
  for (const mutant of mutants) byKind.set(mutant.kind, [...(byKind.get(mutant.kind) ?? []), mutant]);
  const drawn = [];
  while (drawn.length < count && byKind.size > 0) {
    const kinds = [...byKind.keys()];
    const kind = kinds[Math.floor(random() * kinds.length)];
    const left = byKind.get(kind);
    drawn.push(...left.splice(Math.floor(random() * left.length), 1));
    if (left.length === 0) byKind.delete(kind);
  }
  return drawn;
}

/** The changed lines of each file in the output of `git diff --unified=0`. */
export function changedLines(diff) {
  const changed = new Map();
  let lines;
  for (const text of diff.split('\n')) {
    const file = /^\+\+\+ b\/(.*)$/.exec(text)?.[1];
    if (file !== undefined) {
      lines = new Set();
      changed.set(file, lines);
    }
    const [, start, length = '1'] = /^@@ -\S+ \+(\d+)(?:,(\d+))? @@/.exec(text) ?? [];
    if (start === undefined) continue;
    for (let line = 0; line < Number(length); line++) lines?.add(Number(start) + line);
  }
  return changed;
}
