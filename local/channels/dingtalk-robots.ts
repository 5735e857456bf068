import { createHmac, timingSafeEqual } from 'node:crypto';
import type { RobotSettings } from './faults.ts';
import type { ReceivedMessage } from './received-messages.ts';

/** A request to `/robot/send`. */
export interface RobotRequest {
  readonly method: string;
  readonly query: URLSearchParams;
  readonly contentType: string;
  readonly body: Buffer;
}

/** The body of DingTalk's answer. Its HTTP status is always 200. */
export interface RobotAnswer {
  readonly errcode: number;
  readonly errmsg: string;
}

/** DingTalk accepts 20 messages of a robot in a minute. After one more, it refuses all for ten minutes. */
const MESSAGES_PER_MINUTE = 20;
const MINUTE_MS = 60_000;
const BLOCKED_MS = 10 * MINUTE_MS;
const MAX_BYTES = 20_000;
const HOUR_MS = 60 * MINUTE_MS;

interface RobotState {
  /** When the last messages were sent, in epoch ms. */
  readonly sentAt: number[];
  blockedUntil: number;
}

/** The robots of DingTalk groups, with the vendor's rules (open platform, "custom robot"). */
export class DingTalkRobots {
  readonly #states = new Map<string, RobotState>();
  readonly #clock: () => number;
  #robots: Readonly<Record<string, RobotSettings>> | undefined;

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  /** Replaces the robots. Their limits start again. */
  setRobots(robots: Readonly<Record<string, RobotSettings>> | undefined): void {
    this.#robots = robots;
    this.#states.clear();
  }

  /** Answers a request, and passes on its message if the robot sends it. */
  answer(request: RobotRequest, onSent: (message: ReceivedMessage) => void): RobotAnswer {
    const { method, query, contentType, body } = request;
    if (method !== 'POST') return { errcode: 43002, errmsg: 'require POST http method' };
    const token = query.get('access_token') ?? '';
    if (token === '') return { errcode: 40035, errmsg: '缺少参数 access_token' };
    const robot = this.#robots === undefined ? {} : this.#robots[token];
    if (robot === undefined || robot.state === 'deleted')
      return { errcode: 300005, errmsg: 'token is not exist' };
    if (robot.state === 'stopped') return { errcode: 400102, errmsg: '机器人已停用' };
    if (!/^application\/json\b/i.test(contentType))
      return { errcode: 43004, errmsg: 'invalid HTTP HEADER Content-Type' };
    if (body.length > MAX_BYTES)
      return { errcode: 460101, errmsg: `message too long, exceed ${MAX_BYTES} bytes` };
    const message = readMessage(body);
    if (message === undefined) return { errcode: 400105, errmsg: 'unsupported msgtype' };
    const now = this.#clock();
    if (this.#isTooFast(token, now))
      return { errcode: 130101, errmsg: `send too fast, exceed ${MESSAGES_PER_MINUTE} times per minute` };
    if (robot.secret !== undefined && !isSigned(query, robot.secret, now))
      return { errcode: 310000, errmsg: 'sign not match' };
    const { keywords = [] } = robot;
    if (keywords.length > 0 && !keywords.some((keyword) => message.text.includes(keyword)))
      return { errcode: 310000, errmsg: 'keywords not in content' };
    onSent({ at: new Date(now).toISOString(), kind: 'dingtalk', to: token, ...message });
    return { errcode: 0, errmsg: 'ok' };
  }

  /** Counts a message. Returns true if it must be refused, because the robot has sent too many messages. */
  #isTooFast(token: string, now: number): boolean {
    const state = this.#states.get(token) ?? { sentAt: [], blockedUntil: 0 };
    this.#states.set(token, state);
    if (now < state.blockedUntil) return true;
    while ((state.sentAt[0] ?? now) <= now - MINUTE_MS) state.sentAt.shift();
    if (state.sentAt.length >= MESSAGES_PER_MINUTE) {
      state.blockedUntil = now + BLOCKED_MS;
      return true;
    }
    state.sentAt.push(now);
    return false;
  }
}

function isSigned(query: URLSearchParams, secret: string, now: number): boolean {
  const timestamp = query.get('timestamp') ?? '';
  if (!/^\d{13}$/.test(timestamp) || Math.abs(Number(timestamp) - now) > HOUR_MS) return false;
  const expected = createHmac('sha256', secret).update(`${timestamp}\n${secret}`).digest();
  const given = Buffer.from(query.get('sign') ?? '', 'base64');
  return given.length === expected.length && timingSafeEqual(given, expected);
}

type MessageContent = Pick<ReceivedMessage, 'title' | 'text' | 'mentions'>;

/** Reads a message of type text or markdown; undefined for others, and for messages without text. */
function readMessage(body: Buffer): MessageContent | undefined {
  try {
    const { msgtype, text, markdown, at } = JSON.parse(body.toString('utf8'));
    const found = msgtype === 'text' ? { title: '', text: text.content } : markdown;
    if (msgtype !== 'text' && msgtype !== 'markdown') return undefined;
    if (typeof found.text !== 'string' || found.text.trim() === '') return undefined;
    if (msgtype === 'markdown' && (typeof found.title !== 'string' || found.title === '')) return undefined;
    // A mention works only if the number is in the text, too.
    const mentions = ((at?.atMobiles ?? []) as string[]).filter((mobile) =>
      found.text.includes(`@${mobile}`),
    );
    return { title: found.title, text: found.text, mentions };
  } catch {
    return undefined;
  }
}
