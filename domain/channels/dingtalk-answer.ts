import { singleLine } from '../hidden-characters.ts';
import type { SendProblem, SendResult } from './send-result.ts';

/** After a robot has exceeded its limit, DingTalk accepts no message of this robot for ten minutes. */
const BLOCKED_MS = 10 * 60_000;

/** The shortest wait after the firewall in front of DingTalk has refused a request. */
const MIN_FIREWALL_WAIT_MS = 5_000;
const MAX_FIREWALL_WAIT_MS = 3_600_000;

/** One kind of error: its codes, a text that its message must have, and what it means. */
interface ErrorRow {
  readonly codes: readonly number[];
  readonly message?: RegExp;
  readonly kind: Exclude<SendResult['kind'], 'sent' | 'throttled' | 'ambiguous'>;
  readonly meaning: SendProblem['meaning'];
}

/** DingTalk's error codes (open platform, "custom robot", error codes). The first row that fits counts. */
const ERRORS: readonly ErrorRow[] = [
  {
    codes: [-1, 34015],
    kind: 'retryable',
    meaning: { zh: '钉钉系统繁忙', en: 'DingTalk is busy' },
  },
  {
    codes: [310000],
    message: /keyword/i,
    kind: 'misconfigured',
    meaning: {
      zh: '消息中没有机器人安全设置里的关键词；请在频道设置 keyword 中填写该关键词',
      en: "the message has none of the keywords in the robot's security settings; set the channel's keyword to one of them",
    },
  },
  {
    codes: [310000],
    message: /sign|timestamp/i,
    kind: 'misconfigured',
    meaning: {
      zh: '签名不正确；请检查频道的 secret 是否与机器人的加签密钥一致，以及本机时钟',
      en: "the signature is wrong; check that the channel's secret is the robot's secret, and the clock of this machine",
    },
  },
  {
    codes: [310000],
    message: /\bip\b|whitelist/i,
    kind: 'misconfigured',
    meaning: {
      zh: '本机的 IP 地址不在机器人的 IP 地址段中；请在机器人安全设置中添加',
      en: "the IP address of this machine is not in the robot's list of allowed addresses; add it in the robot's security settings",
    },
  },
  {
    codes: [310000],
    kind: 'misconfigured',
    meaning: {
      zh: '消息不符合机器人的安全设置（关键词、加签或 IP 地址段）',
      en: "the message does not fit the robot's security settings (keywords, signature or IP addresses)",
    },
  },
  {
    codes: [300001, 300005, 400101],
    kind: 'dead',
    meaning: {
      zh: '机器人的 access_token 不存在；机器人可能已被删除',
      en: "the robot's access_token does not exist; the robot was probably deleted",
    },
  },
  {
    codes: [400102],
    kind: 'dead',
    meaning: { zh: '机器人已停用', en: 'the robot has been stopped' },
  },
  {
    codes: [400013],
    kind: 'dead',
    meaning: { zh: '群已解散', en: 'the group has been dissolved' },
  },
  {
    codes: [400106],
    kind: 'dead',
    meaning: { zh: '群中没有该机器人', en: 'the group has no such robot' },
  },
  {
    codes: [40035, 43002, 43004, 400105],
    kind: 'rejected',
    meaning: {
      zh: '钉钉认为请求格式不正确；这是 Sluice 的错误，请报告',
      en: 'DingTalk calls the request malformed; this is a mistake of Sluice, please report it',
    },
  },
  {
    codes: [460101],
    kind: 'rejected',
    meaning: { zh: '消息过长', en: 'the message is too long' },
  },
];

/** The maximum number of attempts after a code that is not in this table. Such an error may never pass. */
const MAX_UNKNOWN_TRIES = 3;

/** The rest of a longer error message is not read. */
const MAX_MESSAGE_LENGTH = 1_000;

/** The codes of the limit of 20 messages in a minute. */
const TOO_FAST_CODES = [130101, 410100];
const TOO_FAST_MESSAGE = /too fast|exceed.*(?:per minute|times)|限流/i;
const TOO_LONG_MESSAGE = /too long|exceed.*bytes/i;

/**
 * Reads DingTalk's answer to a message. DingTalk also answers HTTP 200 if it does not send a message. Only the code 0
 * in the body means that the message was sent. `redact` removes secrets from DingTalk's own text, which people see.
 */
export function readDingTalkAnswer(
  status: number,
  body: string,
  redact: (text: string) => string = (text) => text,
): SendResult {
  const answer = parseObject(body);
  if (answer === undefined) return unclear(status, body);
  const firewall = firewallWaitMs(answer);
  if (firewall !== undefined)
    return {
      ...{ kind: 'throttled', afterMs: firewall, code: 'firewall' },
      meaning: {
        zh: '钉钉的防火墙拒绝了请求',
        en: "DingTalk's firewall refused the request",
      },
    };
  const { errcode, errmsg } = answer;
  // An empty text, null or a list would be converted to 0, the code of success.
  const isCode = typeof errcode === 'number' || typeof errcode === 'string';
  if (!isCode || !/^-?\d{1,9}$/.test(String(errcode))) return unclear(status, body, answer.code);
  const code = Number(errcode);
  if (code === 0) return status === 200 ? { kind: 'sent' } : unclear(status, body);
  const message = typeof errmsg === 'string' ? errmsg.slice(0, MAX_MESSAGE_LENGTH) : '';
  if (TOO_FAST_CODES.includes(code) || (!TOO_LONG_MESSAGE.test(message) && TOO_FAST_MESSAGE.test(message)))
    return {
      ...{ kind: 'throttled', afterMs: BLOCKED_MS, code: String(code) },
      meaning: {
        zh: '机器人每分钟最多发送 20 条消息；十分钟后重试',
        en: 'the robot sends at most 20 messages a minute; the message is sent again after ten minutes',
      },
    };
  const row = ERRORS.find(
    ({ codes, message: pattern }) => codes.includes(code) && (pattern?.test(message) ?? true),
  );
  if (row !== undefined) return { kind: row.kind, code: String(code), meaning: row.meaning };
  if (TOO_LONG_MESSAGE.test(message))
    return {
      kind: 'rejected',
      code: String(code),
      meaning: { zh: '消息过长', en: 'the message is too long' },
    };
  const shown = singleLine(redact(message), 200);
  return {
    ...{ kind: 'retryable', code: String(code), maxTries: MAX_UNKNOWN_TRIES },
    meaning: { zh: `未知的错误：${shown}`, en: `an unknown error: ${shown}` },
  };
}

/** Returns the wait that the firewall in front of DingTalk asks for, in ms; undefined for other answers. */
function firewallWaitMs({ punish, wait }: Readonly<Record<string, unknown>>): number | undefined {
  if (typeof punish !== 'string') return undefined;
  const ms = Number(wait) * 1_000;
  if (!Number.isFinite(ms)) return MIN_FIREWALL_WAIT_MS;
  return Math.min(Math.max(ms, MIN_FIREWALL_WAIT_MS), MAX_FIREWALL_WAIT_MS);
}

function parseObject(body: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    return undefined;
  }
}

/**
 * An answer without DingTalk's code comes from a proxy, or DingTalk has changed. The message may have been sent. Other
 * vendors write their code as `code`.
 */
function unclear(status: number, body: string, otherCode?: unknown): SendResult {
  const what = body.trim() === '' ? ['空', 'empty'] : ['无法识别', 'not an answer of DingTalk'];
  const hasCode = typeof otherCode === 'number' && otherCode !== 0;
  return {
    ...{ kind: 'ambiguous', code: hasCode ? String(otherCode) : `http-${status}` },
    meaning: {
      zh: `钉钉的回答${what[0]}（HTTP ${status}）；消息可能已发送`,
      en: `the answer is ${what[1]} (HTTP ${status}); the message may have been sent`,
    },
  };
}
