import type { Cell, KeyCell, KeyValue } from '../../ots/wire/row.ts';

/** The key of the row with this number. Keys are unique. */
export const keyOf = (number: number): KeyCell<KeyValue>[] => [
  { name: 'adcode', value: String(110_000 + (number % 3_250)) },
  {
    name: 'date',
    value: new Date(1_763_769_600_000 + Math.floor(number / 3_250) * 86_400_000).toISOString().slice(0, 10),
  },
];

/** A forecast of typical size. */
export const forecastOf = (number: number): Cell[] => [
  { name: 'city', value: '朝阳区' },
  { name: 'province', value: '北京' },
  { name: 'reporttime', value: '2026-11-22 11:00:00' },
  { name: 'week', value: String(number % 7) },
  { name: 'dayweather', value: '多云' },
  { name: 'nightweather', value: '晴' },
  { name: 'daytemp', value: String(number % 40) },
  { name: 'nighttemp', value: String(number % 30) },
  { name: 'daywind', value: '西北' },
  { name: 'nightwind', value: '北' },
  { name: 'daypower', value: '1-3' },
  { name: 'nightpower', value: '1-3' },
  { name: 'revision', value: BigInt(number) },
];
