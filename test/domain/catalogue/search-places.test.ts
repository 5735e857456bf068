import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Place } from '../../../domain/catalogue/place.ts';
import { searchPlaces } from '../../../domain/catalogue/search-places.ts';
import { InvalidInput } from '../../../domain/errors.ts';

const shown = (places: readonly Place[]): string[] => places.map(({ path }) => path.join(' '));
const find = (q: string, limit = 5): string[] => shown(searchPlaces({ q, limit }).places);

const firsts: readonly (readonly [q: string, first: string])[] = [
  ...[
    'yueqing',
    'Yue Qing',
    'yuè qīng',
    'YUEQING',
    'ＹＵＥＱＩＮＧ',
    "yue'qing",
    'yueqingshi',
    'leqing',
    '乐清',
    '乐清市',
    '330382',
  ].map((q) => [q, '浙江省 温州市 乐清市'] as const),
  ...[
    '浙江 乐清',
    'zhejiang yueqing',
    'zhe jiang yue qing',
    '浙江乐清',
    '乐清 浙江',
    'zhejiang 乐清',
    'zj yueqing',
    '温州·乐清',
  ].map((q) => [q, '浙江省 温州市 乐清市'] as const),
  ['chongqing', '重庆市'],
  ['zhongqing', '重庆市'],
  ['xian', '陕西省 西安市'],
  ["xi'an", '陕西省 西安市'],
  ['lüliang', '山西省 吕梁市'],
  ['lvliang', '山西省 吕梁市'],
  ['luliang', '山西省 吕梁市'],
  ['shaanxi', '陕西省'],
  ['xizang', '西藏自治区'],
  ['tibet', '西藏自治区'],
  ['Hong Kong', '香港特别行政区'],
  ['延边州', '吉林省 延边朝鲜族自治州'],
  ['内蒙', '内蒙古自治区'],
  ['北京市朝阳区', '北京市 朝阳区'],
  ['北京朝阳', '北京市 朝阳区'],
  ['新疆·乌鲁木齐·沙依巴克区', '新疆维吾尔自治区 乌鲁木齐市 沙依巴克区'],
  ['海门市', '江苏省 南通市 海门区'],
  ['320684', '江苏省 南通市 海门区'],
  ['bj', '北京市'],
  ['gz', '贵州省'],
  ['wz', '浙江省 温州市'],
  // Names whose pinyin is easy to guess wrong: le, xi, wo, dan, dong, wei, shen, dang, yun, jun.
  ['laoting', '河北省 唐山市 乐亭县'],
  ['guoyang', '安徽省 亳州市 涡阳县'],
  ['shanxian', '山东省 菏泽市 单县'],
  ['hongtong', '山西省 临汾市 洪洞县'],
  ['yuli', '新疆维吾尔自治区 巴音郭楞蒙古自治州 尉犁县'],
  ['shifang', '四川省 德阳市 什邡市'],
  ['tanchang', '甘肃省 陇南市 宕昌县'],
  ['junlian', '四川省 宜宾市 筠连县'],
  ['xunxian', '河南省 鹤壁市 浚县'],
  ['luan', '安徽省 六安市'],
  ['luhe', '江苏省 南京市 六合区'],
  ['dongguan', '广东省 东莞市'],
  ['panyu', '广东省 广州市 番禺区'],
  ['yanshan xian', '河北省 沧州市 盐山县'],
];

for (const [q, first] of firsts) {
  test(`${q} finds ${first} first`, () => assert.equal(find(q, 1)[0], first));
}

test('finds 歙县 and 涉县, which have the same reading', () => {
  assert.deepEqual(find('shexian', 2).sort(), ['安徽省 黄山市 歙县', '河北省 邯郸市 涉县']);
});

test('朝阳 lists the city, both districts and the county before the places inside the city', () => {
  const places = find('朝阳', 10);
  assert.deepEqual(places.slice(0, 1), ['辽宁省 朝阳市']);
  assert.deepEqual(places.slice(1, 4).sort(), [
    '北京市 朝阳区',
    '吉林省 长春市 朝阳区',
    '辽宁省 朝阳市 朝阳县',
  ]);
  assert.ok(places.slice(4).every((path) => path.startsWith('辽宁省 朝阳市 ')));
  assert.ok(places.length > 4);
});

test('puts an exact name before names that start with it: 朝阳县', () => {
  assert.equal(find('朝阳县', 1)[0], '辽宁省 朝阳市 朝阳县');
});

test('zhaoyang finds 昭阳区 by its usual reading before 朝阳 by another reading', () => {
  assert.deepEqual(find('zhaoyang', 2), ['云南省 昭通市 昭阳区', '辽宁省 朝阳市']);
});

test('puts the start of a pinyin before initials, and initials before places inside a match', () => {
  const both = searchPlaces({ q: 'ha', limit: 1_000 }).places.map(({ name }) => name);
  assert.ok(both.includes('淮安市') && both.indexOf('哈巴河县') < both.indexOf('淮安市'));
  const names = searchPlaces({ q: 'sha', limit: 1_000 }).places.map(({ name }) => name);
  assert.ok(names.indexOf('上海市') >= 0 && names.indexOf('上海市') < names.indexOf('黄浦区'));
  const letters = searchPlaces({ q: 'yq', limit: 50 }).places.map(({ name }) => name);
  assert.ok(letters.includes('乐清市') && letters.indexOf('乐清市') < letters.indexOf('盂县'));
});

test('finds places by the start of a code, provinces before prefectures before counties', () => {
  const { places, total } = searchPlaces({ q: '3303', limit: 100 });
  assert.ok(total === places.length && places.every(({ adcode }) => adcode.startsWith('3303')));
  assert.equal(places[0]?.adcode, '330300');
});

test('filters by level and parent; an old parent counts as its successor', () => {
  const districts = searchPlaces({ q: '朝阳', level: 'county', limit: 3 }).places;
  assert.ok(districts.every(({ level }) => level === 'county'));
  assert.deepEqual(shown(searchPlaces({ q: '朝阳', parent: '110000', limit: 3 }).places), ['北京市 朝阳区']);
  assert.deepEqual(shown(searchPlaces({ q: '朝阳', parent: '110100', limit: 3 }).places), ['北京市 朝阳区']);
  assert.equal(searchPlaces({ q: '', parent: '330000', limit: 100 }).total, 11);
  assert.equal(searchPlaces({ q: '', level: 'province', limit: 1 }).total, 34);
});

for (const q of ['qqqq', '!!', '东京', '330000000', '浙江 北京', 'x'.repeat(10_000)]) {
  test(`${q.slice(0, 20)} finds nothing`, () =>
    assert.deepEqual(searchPlaces({ q, limit: 5 }), { places: [], next: undefined, total: 0 }));
}

test('returns every place exactly once over all pages', () => {
  for (const q of ['', '江', 'zhou', 'h']) {
    const whole = searchPlaces({ q, limit: 10_000 });
    assert.equal(whole.next, undefined);
    const codes: string[] = [];
    let after: string | undefined;
    do {
      const page = searchPlaces({ q, limit: 97, after });
      codes.push(...page.places.map(({ adcode }) => adcode));
      after = page.next;
    } while (after !== undefined && codes.length <= whole.total);
    assert.deepEqual(
      codes,
      whole.places.map(({ adcode }) => adcode),
    );
    assert.equal(codes.length, whole.total);
  }
});

test('the last page has no next page, even if it is full', () => {
  assert.equal(searchPlaces({ q: '', level: 'province', limit: 34 }).next, undefined);
  assert.notEqual(searchPlaces({ q: '', level: 'province', limit: 33 }).next, undefined);
});

for (const after of ['NzIxMTAwMDA=', '', 'x', '7', 'MTIz', '../../etc/passwd']) {
  test(`rejects the position ${JSON.stringify(after)} with a message that names it`, () =>
    assert.throws(
      () => searchPlaces({ q: '', limit: 1, after }),
      (error) => error instanceof InvalidInput && error.message.includes(JSON.stringify(after)),
    ));
}

test('counts repeated words once, and accepts names with blanks between all syllables', () => {
  assert.equal(find('beijing beijing', 1)[0], '北京市');
  assert.equal(find('shan shan', 1)[0], '新疆维吾尔自治区 吐鲁番市 鄯善县');
  assert.equal(find('xin jiang wu lu mu qi sha yi ba ke qu', 1)[0], '新疆维吾尔自治区 乌鲁木齐市 沙依巴克区');
});

test('reads more than six different words as the syllables of one name', () => {
  assert.equal(find('温州 浙江 乐清', 1)[0], '浙江省 温州市 乐清市');
  assert.deepEqual(find('温州 浙江 乐清 z y l w', 1), []);
});
