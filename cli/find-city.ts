import type { ApiClient } from './api-client.ts';
import { CommandError } from './command.ts';
import { oneLine } from './terminal-text.ts';

export interface City {
  readonly adcode: string;
  readonly name: string;
  readonly path: readonly string[];
}

/** Returns a place as people read it: `浙江省 · 温州市 · 乐清市 (330382)`. */
export const cityText = ({ path, adcode }: City): string => `${path.join(' · ')} (${adcode})`;

/**
 * Finds a place by name, pinyin, initials or adcode. `others` are further places that have the same name, or a name
 * that begins with the words.
 * @throws CommandError if no place matches
 */
export async function findCity(
  api: ApiClient,
  words: string,
): Promise<{ readonly city: City; readonly others: readonly City[] }> {
  const { items } = await api.get<{ items: readonly City[] }>(
    `/v1/cities?limit=6&q=${encodeURIComponent(words)}`,
  );
  const [city, ...rest] = items;
  if (city === undefined) throw new CommandError(`no place matches ${JSON.stringify(oneLine(words, 100))}`);
  return { city, others: rest.filter(({ name }) => name === city.name || name.startsWith(words)) };
}
