import {
  CATEGORIES,
  type Category,
  MEANING_BY_PHENOMENON,
  type PhenomenonMeaning,
  type Severity,
} from './phenomena-table.ts';

export { CATEGORIES, type Category, PHENOMENA, type Severity } from './phenomena-table.ts';

/** The meaning of a provider's text for the weather. */
export interface ClassifiedPhenomenon extends PhenomenonMeaning {
  /** False if the text is in no table. Then its meaning is guessed from its characters, or is `unknown`. */
  readonly known: boolean;
}

/**
 * Returns the categories and severity of a phenomenon. Never throws. Guesses the meaning of a text outside the table
 * from its parts and characters. '' and a text that gives no hint are `unknown`.
 */
export function classifyPhenomenon(text: string): ClassifiedPhenomenon {
  const trimmed = text.trim();
  const meaning = MEANING_BY_PHENOMENON.get(trimmed === '' ? '未知' : trimmed);
  return meaning === undefined ? { ...guessMeaning(trimmed), known: false } : { ...meaning, known: true };
}

/** For `A-B` and `A转B`, joins the categories of all parts and takes the highest severity. */
function guessMeaning(text: string): PhenomenonMeaning {
  const parts = text
    .split(/[-~—～转至到/,，、]/)
    .map((part) => MEANING_BY_PHENOMENON.get(part) ?? guessPart(part));
  const found = new Set(parts.flatMap(({ categories }) => categories));
  if (found.size > 1) found.delete('unknown');
  return {
    categories: CATEGORIES.filter((category) => found.has(category)),
    severity: parts.reduce<Severity>((worst, { severity }) => (severity > worst ? severity : worst), 0),
  };
}

const CATEGORY_SIGNS: readonly (readonly [sign: RegExp, ...categories: Category[]])[] = [
  [/雨/, 'rain'],
  [/雪/, 'snow'],
  [/^(?=.*雨)(?=.*雪)/s, 'sleet'],
  [/^(?=.*冻)(?=.*雨)|雨凇/s, 'freezing'],
  [/雷/, 'thunder'],
  [/雹/, 'hail'],
  [/雾/, 'fog'],
  [/霾/, 'haze'],
  [/[沙尘]/, 'dust'],
  [/风/, 'wind'],
  [/晴/, 'clear'],
  [/[云阴]/, 'cloud'],
  [/热(?!带)|高温/, 'heat'],
  [/[冷寒]|霜冻/, 'cold'],
];

const SEVERITY_SIGNS: readonly (readonly [sign: RegExp, severity: Severity])[] = [
  [/特大|大暴|极端|龙卷|飓/, 5],
  [/暴|台风|冻雨|特强|严重/, 4],
  [/[大强重]/, 3],
  [/[中雷]/, 2],
];

function guessPart(text: string): PhenomenonMeaning {
  const categories = CATEGORY_SIGNS.filter(([sign]) => sign.test(text)).flatMap(([, ...found]) => found);
  if (categories.length === 0) return { categories: ['unknown'], severity: 0 };
  if (categories.every((category) => category === 'clear' || category === 'cloud'))
    return { categories, severity: 0 };
  return { categories, severity: SEVERITY_SIGNS.find(([sign]) => sign.test(text))?.[1] ?? 1 };
}
