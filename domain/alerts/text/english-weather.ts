/** AMap's phenomena in English. Parts of a range are translated one by one. */
const PHENOMENA: Readonly<Record<string, string>> = {
  ...{ 晴: 'clear', 少云: 'few clouds', 晴间多云: 'sunny intervals', 多云: 'cloudy', 阴: 'overcast' },
  ...{ 有风: 'windy', 平静: 'calm', 微风: 'gentle breeze', 和风: 'moderate breeze', 清风: 'fresh breeze' },
  ...{
    '强风/劲风': 'strong breeze',
    强风: 'strong breeze',
    劲风: 'strong breeze',
    疾风: 'near gale',
    大风: 'gale',
  },
  ...{
    烈风: 'strong gale',
    风暴: 'storm',
    狂爆风: 'violent storm',
    飓风: 'hurricane',
    热带风暴: 'tropical storm',
  },
  ...{ 龙卷风: 'tornado', 霾: 'haze', 中度霾: 'moderate haze', 重度霾: 'heavy haze', 严重霾: 'severe haze' },
  ...{
    阵雨: 'showers',
    雷阵雨: 'thundershowers',
    雷阵雨并伴有冰雹: 'thundershowers with hail',
    小雨: 'light rain',
  },
  ...{ 中雨: 'moderate rain', 大雨: 'heavy rain', 暴雨: 'rainstorm', 大暴雨: 'heavy rainstorm' },
  ...{ 特大暴雨: 'severe rainstorm', 强阵雨: 'heavy showers', 强雷阵雨: 'heavy thundershowers' },
  ...{ 极端降雨: 'extreme rain', '毛毛雨/细雨': 'drizzle', 毛毛雨: 'drizzle', 细雨: 'drizzle', 雨: 'rain' },
  ...{
    雨雪天气: 'rain and snow',
    雨夹雪: 'sleet',
    阵雨夹雪: 'sleet showers',
    冻雨: 'freezing rain',
    雪: 'snow',
  },
  ...{
    阵雪: 'snow showers',
    小雪: 'light snow',
    中雪: 'moderate snow',
    大雪: 'heavy snow',
    暴雪: 'snowstorm',
  },
  ...{ 浮尘: 'floating dust', 扬沙: 'blowing sand', 沙尘暴: 'sandstorm', 强沙尘暴: 'severe sandstorm' },
  ...{ 雾: 'fog', 浓雾: 'dense fog', 强浓雾: 'very dense fog', 轻雾: 'mist', 大雾: 'heavy fog' },
  ...{ 特强浓雾: 'extremely dense fog', 热: 'hot', 冷: 'cold', 未知: 'unknown' },
};

const DIRECTIONS: Readonly<Record<string, string>> = {
  ...{ 北: 'north', 东北: 'north-east', 东: 'east', 东南: 'south-east' },
  ...{ 南: 'south', 西南: 'south-west', 西: 'west', 西北: 'north-west' },
  ...{ 无风向: 'variable', 旋转不定: 'variable' },
};

/** Translates a phenomenon. A text that is not in AMap's list stays as it is. */
export const phenomenonInEnglish = (text: string): string =>
  PHENOMENA[text] ??
  text
    .split('-')
    .map((part) => PHENOMENA[part] ?? part)
    .join(' to ');

/** Translates a direction of the wind. Another text stays as it is. */
export const directionInEnglish = (text: string): string => DIRECTIONS[text] ?? text;
