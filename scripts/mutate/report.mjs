/** The results of a run of `npm run mutate`, and their texts. */

/** The statuses that count as noticed by a test. */
const isKilled = ({ status }) => status.startsWith('killed');

/**
 * Returns the result of each folder and of all: `{folder, mutants, killed, equivalent, percent}`. Equivalent mutants,
 * which change no behaviour, are not counted. `equivalents` is a map from a mutant's id to the reason.
 */
export function summarise(results, folders, equivalents) {
  const rows = [...folders, 'all'].map((folder) => {
    const inFolder = results.filter(({ file }) => folder === 'all' || isInFolder(file, folder));
    const counted = inFolder.filter((result) => isKilled(result) || !equivalents.has(result.id));
    const killed = counted.filter(isKilled).length;
    return {
      folder,
      mutants: counted.length,
      killed,
      equivalent: inFolder.length - counted.length,
      percent: counted.length === 0 ? 100 : Math.floor((killed * 1000) / counted.length) / 10,
    };
  });
  return rows;
}

export const isInFolder = (file, folder) => file === folder || file.startsWith(`${folder}/`);

export function table(rows) {
  const line = (folder, ...cells) =>
    `${folder.padEnd(20)}${cells.map((cell) => String(cell).padStart(11)).join('')}`;
  return [
    line('folder', 'mutants', 'killed', 'equivalent', 'killed %'),
    ...rows.map((row) => line(row.folder, row.mutants, row.killed, row.equivalent, row.percent.toFixed(1))),
  ].join('\n');
}

/** The mutants that no test noticed, three lines each. */
export function survivors(results, equivalents) {
  return results
    .filter((result) => !isKilled(result) && !equivalents.has(result.id))
    .map(({ id, file, line, kind, status, before, text }) =>
      [
        `${id}  ${file}:${line}  ${kind}: ${status}`,
        `    - ${oneLine(before)}`,
        `    + ${oneLine(text)}`,
      ].join('\n'),
    )
    .join('\n');
}

const oneLine = (text) => {
  const flat = text.replaceAll(/\s+/g, ' ');
  return flat.length > 150 ? `${flat.slice(0, 149)}…` : flat;
};
