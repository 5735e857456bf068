import type { ChannelKind } from './channel-kind.ts';
import { dingTalk } from './dingtalk.ts';
import { webhook } from './webhook.ts';

/** All kinds of channels, by the name that users choose. */
export const channelKinds: Readonly<Record<string, ChannelKind>> = { dingtalk: dingTalk, webhook };
