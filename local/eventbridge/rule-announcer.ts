import { matches } from '../../domain/event-pattern.ts';
import type { Announcer } from '../oss/announcer.ts';
import { objectEvent } from './object-event.ts';
import type { Outbox } from './outbox.ts';
import type { Rule } from './rules.ts';

/** Puts the event of a change into the outbox once for every rule that it matches. */
export function announceByRules(rules: readonly Rule[], outbox: Outbox): Announcer {
  return {
    announce(change) {
      const queuedMs = Date.now();
      const event = objectEvent(change, queuedMs);
      const matched = rules.filter(({ pattern }) => matches(pattern, event));
      if (matched.length === 0) return;
      const body = JSON.stringify(event);
      for (const { name } of matched) outbox.add({ rule: name, id: event.id, body, queuedMs });
    },
  };
}
