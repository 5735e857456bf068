import { createHash, createHmac } from 'node:crypto';
import { readDingTalkAnswer } from '../../domain/channels/dingtalk-answer.ts';
import { InvalidInput } from '../../domain/errors.ts';
import { secretRedactor } from '../../domain/secrets.ts';
import type { ChannelMessage } from '../../ports/channel.ts';
import { readChannelAddress } from './channel-address.ts';
import type { ChannelKind } from './channel-kind.ts';

const ORIGIN = 'https://oapi.dingtalk.com';
const PATH = '/robot/send';

/**
 * The robot of a DingTalk group (open platform, "custom robot"). DingTalk accepts 20 messages a minute and 20,000 bytes. Sluice
 * stays below these limits: DingTalk's minute can begin at another moment, and JSON needs some bytes.
 */
export const dingTalk: ChannelKind = {
  limits: { messageBytes: 18_000, messagesPerMinute: 18 },
  check({ url: address }, privateOrigins) {
    const url = readChannelAddress(address, privateOrigins);
    const refuse = (problem: string): never => {
      throw new InvalidInput('BadChannelAddress', `url ${problem}`);
    };
    if (url.origin !== ORIGIN && !privateOrigins.includes(url.origin))
      refuse(`must begin with ${ORIGIN}${PATH}, but has the host ${url.host}`);
    if (url.pathname !== PATH) refuse(`must have the path ${PATH}`);
    const tokens = url.searchParams.getAll('access_token');
    if (tokens.length > 1) refuse(`has access_token ${tokens.length} times; allowed: once`);
    if (!/^[\w-]{1,256}$/.test(tokens[0] ?? '')) refuse('must have the access_token of the robot');
  },
  create({ url: address, secret, keyword }, { http, clock, privateOrigins }) {
    const url = readChannelAddress(address, privateOrigins);
    const token = url.searchParams.get('access_token') ?? '';
    const redact = secretRedactor([token, secret]);
    return {
      limits: dingTalk.limits,
      receiverId: createHash('sha256').update(`${url.origin} ${token}`).digest('hex'),
      async send(message, signal) {
        const body = JSON.stringify(messageBody(message, keyword));
        const headers = { 'content-type': 'application/json; charset=utf-8' };
        const answer = await http.post(signed(url, secret, clock()), headers, body, signal);
        return 'kind' in answer
          ? answer
          : readDingTalkAnswer(answer.status, answer.body.toString('utf8'), redact);
      },
    };
  },
};

/**
 * Adds time and signature. DingTalk refuses a time that differs from its own by over an hour, so every attempt gets a new
 * signature. `now` is in epoch ms.
 */
function signed(url: URL, secret: string | undefined, now: number): URL {
  const target = new URL(url);
  if (secret === undefined) return target;
  const signature = createHmac('sha256', secret).update(`${now}\n${secret}`).digest('base64');
  target.searchParams.set('timestamp', String(now));
  target.searchParams.set('sign', signature);
  return target;
}

/** Returns the body of a request. A mention has an effect only if the text also contains the phone number. */
function messageBody(
  { title, markdown, mentions = [] }: ChannelMessage,
  keyword: string | undefined,
): object {
  const missing = mentions.filter((number) => !markdown.includes(`@${number}`));
  const withMentions =
    missing.length === 0 ? markdown : `${markdown}\n\n${missing.map((number) => `@${number}`).join(' ')}`;
  const hasKeyword = keyword === undefined || withMentions.includes(keyword);
  const text = hasKeyword ? withMentions : `${withMentions}\n\n${keyword}`;
  return {
    msgtype: 'markdown',
    markdown: { title, text },
    at: { atMobiles: mentions, isAtAll: false },
  };
}
