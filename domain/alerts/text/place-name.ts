import { placeOf } from '../../catalogue/catalogue.ts';
import { withoutKind } from '../../catalogue/query-text.ts';
import type { Locale } from './alert-message.ts';

/**
 * Returns the name of a place for a message: `北京·朝阳区` and `Chaoyang, Beijing`. An unknown place has its code as name.
 */
export function placeName(adcode: string): Readonly<Record<Locale, string>> {
  const place = placeOf(adcode);
  if (place === undefined) return { zh: adcode, en: adcode };
  const above = place.parent === undefined ? undefined : placeOf(place.parent);
  if (above === undefined || place.level !== 'county')
    return { zh: withoutKind(place.name), en: latinName(place.pinyin) };
  return {
    zh: `${withoutKind(above.name)}·${place.name}`,
    en: `${latinName(place.pinyin)}, ${latinName(above.pinyin)}`,
  };
}

/** `yue qing` becomes `Yueqing`. */
function latinName(pinyin: string): string {
  const joined = pinyin.replaceAll(' ', '');
  return joined.charAt(0).toUpperCase() + joined.slice(1);
}
