/** The readings of names: every reading of every character, the usual one first. */
import { pinyin, polyphonic } from 'pinyin-pro';
import { readRows } from './read-rows.mjs';

const usual = new Map(readRows('usual-readings.txt').map(([core, ...syllables]) => [core, syllables]));

/**
 * Returns the readings of a name's core: `-` separates characters, `,` separates the readings of one character. For 乐清,
 * this is `yue,le,yao,lao-qing`.
 */
export function readingsOf(core) {
  const all = polyphonic(core, { toneType: 'none', type: 'array' });
  const first = usual.get(core) ?? pinyin(core, { toneType: 'none', type: 'array' });
  const characters = [...core].length;
  if (all.length !== characters || first.length !== characters)
    throw new Error(`${core} has ${characters} characters, but ${all.length} and ${first.length} readings`);
  return checkSyllables(
    core,
    first.map((syllable, at) => [...new Set([syllable, ...all[at]])].join(',')).join('-'),
  );
}

/** The syllables of the kind of place, only in the usual reading: `zi-zhi-xian`. */
export function kindReading(kind) {
  return checkSyllables(kind, pinyin(kind, { toneType: 'none', type: 'array' }).join('-'));
}

/** Entries of usual-readings.txt that no place uses. */
export function unusedReadings(cores) {
  return [...usual.keys()].filter((core) => !cores.has(core));
}

function checkSyllables(text, syllables) {
  if (!/^[a-zü]+([,-][a-zü]+)*$/.test(syllables))
    throw new Error(`${text} has the unexpected reading ${syllables}`);
  return syllables;
}
