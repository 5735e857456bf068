import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { exceptions } from './corpus-exceptions.ts';

/** An archive of another project, and the right result. */
export interface CorpusRow {
  /** The path below `zips/`. */
  readonly file: string;
  /** How many of the tools unzip, 7z, bsdtar and Python read the archive without an error. */
  readonly toolsThatReadIt: number;
  /** `OK` means extracted completely; `rejected` is any failure; anything else is the failure type. */
  readonly verdict: string;
  readonly why: string;
}

/** Returns the archives in the folder `ZIP_CORPUS`. If the variable is not set, prints a warning and returns none. */
export function corpusRows(): readonly CorpusRow[] {
  const corpus = process.env.ZIP_CORPUS;
  if (!corpus) {
    console.error('\n!!! ZIP_CORPUS IS NOT SET: the archives of other projects are NOT tested !!!\n');
    return [];
  }
  const [, ...lines] = readFileSync(join(corpus, 'oracle.tsv'), 'utf8').trim().split('\n');
  return lines.map((line) => {
    const [file = '', ...codes] = line.split('\t');
    const toolsThatReadIt = codes.slice(0, 4).filter((code) => code === '0').length;
    const usual = [
      toolsThatReadIt >= 3 ? 'OK' : 'rejected',
      `${toolsThatReadIt} of 4 tools can read it`,
    ] as const;
    const [verdict, why] = exceptions[file] ?? usual;
    return { file, toolsThatReadIt, verdict, why };
  });
}
