import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allPlaces, placeOf, successorOf } from '../../../domain/catalogue/catalogue.ts';

const places = allPlaces();
const ofLevel = (level: string) => places.filter((place) => place.level === level);

test('has 34 provinces, 333 prefectures and about 2,880 counties, in order', () => {
  assert.ok(places.length >= 3_200 && places.length <= 3_300, `${places.length} places`);
  assert.equal(ofLevel('province').length, 34);
  assert.equal(ofLevel('prefecture').length, 333);
  const codes = places.map(({ adcode }) => adcode);
  assert.deepEqual(codes, [...new Set(codes)].sort());
});

test('puts every place into the prefecture and province of its code, with its name at the end of its path', () => {
  for (const { adcode, name, path, level, parent } of places) {
    assert.match(adcode, /^[1-8]\d{5}$/);
    assert.equal(path.at(-1), name);
    if (level === 'province') {
      assert.equal(parent, undefined);
      assert.equal(path.length, 1);
      continue;
    }
    const above = placeOf(parent ?? '');
    assert.ok(above, `${adcode} ${name} has the parent ${parent}, which is not a place`);
    assert.deepEqual(path.slice(0, -1), above.path);
    const shared = above.level === 'province' ? 2 : 4;
    assert.equal(adcode.slice(0, shared), above.adcode.slice(0, shared));
  }
});

test('has no place for rows of the official list that only group other rows', () => {
  for (const { adcode, name } of places)
    assert.doesNotMatch(name, /^(市辖区|县|.*直辖县级行政区划|.*行政委员会)$/, adcode);
});

const rows: readonly (readonly [adcode: string, path: string, parent: string | undefined, zone: string])[] = [
  ['110000', '北京市', undefined, 'Asia/Shanghai'],
  ['110105', '北京市 朝阳区', '110000', 'Asia/Shanghai'],
  ['500229', '重庆市 城口县', '500000', 'Asia/Shanghai'],
  ['330382', '浙江省 温州市 乐清市', '330300', 'Asia/Shanghai'],
  ['330114', '浙江省 杭州市 钱塘区', '330100', 'Asia/Shanghai'],
  ['650103', '新疆维吾尔自治区 乌鲁木齐市 沙依巴克区', '650100', 'Asia/Shanghai'],
  ['659001', '新疆维吾尔自治区 石河子市', '650000', 'Asia/Shanghai'],
  ['429021', '湖北省 神农架林区', '420000', 'Asia/Shanghai'],
  ['419001', '河南省 济源市', '410000', 'Asia/Shanghai'],
  ['441900', '广东省 东莞市', '440000', 'Asia/Shanghai'],
  ['460400', '海南省 儋州市', '460000', 'Asia/Shanghai'],
  ['620200', '甘肃省 嘉峪关市', '620000', 'Asia/Shanghai'],
  ['710000', '台湾省', undefined, 'Asia/Taipei'],
  ['810005', '香港特别行政区 油尖旺区', '810000', 'Asia/Hong_Kong'],
  ['820008', '澳门特别行政区 圣方济各堂区', '820000', 'Asia/Macau'],
];

for (const [adcode, path, parent, zone] of rows) {
  test(`${adcode} is ${path}`, () => {
    const place = placeOf(adcode);
    assert.equal(place?.path.join(' '), path);
    assert.equal(place?.parent, parent);
    assert.equal(place?.timeZone, zone);
  });
}

// The usual coordinates of the cities' centres, to a tenth of a degree.
const points: readonly (readonly [adcode: string, name: string, latitude: number, longitude: number])[] = [
  ['110000', '北京', 39.9, 116.4],
  ['310000', '上海', 31.2, 121.5],
  ['330100', '杭州', 30.3, 120.2],
  ['330000', '浙江, its capital', 30.3, 120.2],
  ['440100', '广州', 23.1, 113.3],
  ['540600', '那曲', 31.5, 92.1],
  ['650500', '哈密', 42.8, 93.5],
  ['710000', '台湾, its capital', 25.0, 121.5],
  ['810000', '香港', 22.3, 114.2],
];

for (const [adcode, name, latitude, longitude] of points) {
  test(`${adcode} ${name} is at ${latitude}, ${longitude}`, () => {
    const place = placeOf(adcode);
    assert.ok(Math.abs((place?.latitude ?? 0) - latitude) < 0.15, `latitude ${place?.latitude}`);
    assert.ok(Math.abs((place?.longitude ?? 0) - longitude) < 0.15, `longitude ${place?.longitude}`);
  });
}

test('has coordinates of every province and prefecture, in China and near its capital', () => {
  for (const place of [...ofLevel('province'), ...ofLevel('prefecture')]) {
    const { adcode, name, latitude = 0, longitude = 0 } = place;
    assert.ok(latitude > 3 && latitude < 54 && longitude > 73 && longitude < 136, `${adcode} ${name}`);
    const capital = placeOf(`${adcode.slice(0, 2)}0000`);
    const far = Math.hypot(latitude - (capital?.latitude ?? 0), longitude - (capital?.longitude ?? 0));
    // 呼伦贝尔 and 阿里 are the farthest from their capitals.
    assert.ok(far < 13, `${adcode} ${name} is ${far} degrees from its capital`);
  }
});

const moved: readonly (readonly [old: string, successor: string | undefined, why: string])[] = [
  ['320684', '320614', '海门市 became 海门区'],
  ['220381', '220184', '公主岭市 moved from 四平 to 长春'],
  ['340221', '340210', '芜湖县 became 湾沚区'],
  ['130526', '130505', '任县 became 任泽区'],
  ['540422', '540481', '米林县 became 米林市'],
  ['371202', '370116', '莱城区 of the former 莱芜市 became 莱芜区 of 济南'],
  ['330101', '330100', "the list's 杭州市市辖区"],
  ['110100', '110000', "the list's 北京市市辖区"],
  ['659000', '650000', "the list's 自治区直辖县级行政区划"],
  ['320571', '320500', "苏州工业园区 is AMap's own"],
  ['130421', undefined, '邯郸县 was divided'],
  ['330100', undefined, 'a valid code'],
  ['110101', undefined, 'a valid code that ends in 01'],
  ['222401', undefined, '延吉市, a valid code that ends in 01'],
  ['232801', undefined, 'no such prefecture'],
  ['999901', undefined, 'no such province'],
  ['', undefined, 'nothing'],
];

for (const [old, successor, why] of moved) {
  test(`the successor of ${JSON.stringify(old)} is ${successor ?? 'undefined'}: ${why}`, () => {
    assert.equal(successorOf(old), successor);
    if (successor === undefined) return;
    assert.equal(placeOf(old), undefined);
    assert.ok(placeOf(successor));
  });
}
