import * as v from 'valibot';
import { fields, integerBetween, list, text, valueSchema } from '../../runtime/schema.ts';
import { delayFields, faultSettings, ruleSchema } from '../faults/rule-schema.ts';

/** If `to` is absent, the rule applies to every robot and webhook. */
const scope = { to: v.exactOptional(text('an access_token, or the name of a webhook')) };

const robot = fields({
  secret: v.exactOptional(text('the secret of the signature')),
  keywords: v.exactOptional(list(text('a keyword'), 'keywords')),
  state: v.exactOptional(valueSchema(v.picklist(['stopped', 'deleted']), 'stopped or deleted')),
});

/**
 * The settings of the local channels: faults, the robots and webhooks, and the time. Without `robots`, every token
 * belongs to a robot without security settings.
 */
export const channelSettings = faultSettings(
  [
    ruleSchema(['answer'], scope, { status: v.optional(integerBetween(200, 599), 200), body: v.string() }),
    ruleSchema(['delay'], scope, delayFields),
    // `accept and hang`: the message counts as received, but the sender gets no answer.
    ruleSchema(['hang', 'reset', 'accept and hang', 'accept and reset'], scope, {}),
  ],
  {
    robots: v.exactOptional(v.record(v.string(), robot)),
    /** The secrets of webhooks, by the name of the webhook. For other webhooks, no signature is checked. */
    webhooks: v.exactOptional(v.record(v.string(), text('whsec_ and a secret in base64'))),
    /** The time of the stand-in from now on, RFC 3339. Absent: the time of this machine. */
    now: v.exactOptional(
      valueSchema(
        v.pipe(
          v.string(),
          v.check((value) => !Number.isNaN(Date.parse(value))),
        ),
        'a time such as 2026-12-01T20:00:00+08:00',
      ),
    ),
  },
);

export type ChannelSettings = v.InferOutput<typeof channelSettings>;
export type RobotSettings = v.InferOutput<typeof robot>;
