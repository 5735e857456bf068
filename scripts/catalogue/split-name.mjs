/** Splits a place's name into its core and the kind of place, which people often omit. */

const PEOPLES = [
  ...[
    '蒙古',
    '回',
    '藏',
    '维吾尔',
    '苗',
    '彝',
    '壮',
    '布依',
    '朝鲜',
    '满',
    '侗',
    '瑶',
    '白',
    '土家',
    '哈尼',
    '哈萨克',
  ],
  ...[
    '傣',
    '黎',
    '傈僳',
    '佤',
    '畲',
    '拉祜',
    '水',
    '东乡',
    '纳西',
    '景颇',
    '柯尔克孜',
    '土',
    '达斡尔',
    '仫佬',
    '羌',
  ],
  ...[
    '布朗',
    '撒拉',
    '毛南',
    '仡佬',
    '锡伯',
    '阿昌',
    '普米',
    '塔吉克',
    '怒',
    '俄罗斯',
    '鄂温克',
    '保安',
    '裕固',
  ],
  ...['独龙', '各'],
];
const KIND = '自治区|自治州|自治县|自治旗|特别行政区|地区|省|市|县|区|旗|盟|群岛|群岛的岛礁及其海域';
const OF_PEOPLES = new RegExp(
  `^(.{2,}?)((?:(?:${PEOPLES.join('|')})族|蒙古|维吾尔|哈萨克|柯尔克孜|锡伯|塔吉克)+(?:${KIND}))$`,
);
const PLAIN = new RegExp(`^(.+?)(${KIND})$`);
/** Names that the general patterns would split wrongly: 东乡|族自治县, 浦东|新区. */
const SPECIAL = /^(东乡|鄂温克)(族自治.)$|^(浦东|滨海)(新区)$|^(六枝)(特区)$|^(神农架)(林区)$/;

/** Splits a name into core and kind: 乐清|市, 延边|朝鲜族自治州. */
export function splitName(name) {
  const found = SPECIAL.exec(name) ?? OF_PEOPLES.exec(name) ?? PLAIN.exec(name);
  const [core, kind] = (found ?? []).slice(1).filter((part) => part !== undefined);
  if (core === undefined || kind === undefined) throw new Error(`${name} does not end with a kind of place`);
  return { core, kind };
}
