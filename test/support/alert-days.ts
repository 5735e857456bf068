import assert from 'node:assert/strict';
import type { AlertSimulation } from './alert-simulation.ts';

const CHANNELS = 5;
const CITIES = ['110000', '310000', '440100', '330100'];

/** When forecasts are fetched, on each day. */
const FETCHES = ['05:00', '08:05', '18:40', '21:00', '22:30'];

/** Numbers from 0 to 1 that are the same in every run. */
function pseudoRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

interface Subscriber {
  readonly id: string;
  readonly adcode: string;
  readonly channelId: string;
  readonly at: string;
  readonly mode: 'alert' | 'always';
  readonly correction: boolean;
}

/** A forecast of a city for a day of the story: rain or not, and when it was fetched. */
interface Fetch {
  readonly adcode: string;
  readonly target: number;
  readonly when: number;
  readonly isWet: boolean;
}

/**
 * What a person with the list of all forecasts would send for a subscription and a day: nothing, the message, or the message
 * (or its absence) and one correction. This knows nothing of the code under test.
 */
function expectedRows(
  simulation: AlertSimulation,
  subscriber: Subscriber,
  target: number,
  fetches: readonly Fetch[],
): string {
  const { adcode, at, mode, correction } = subscriber;
  const due = simulation.at(target - 1, at);
  const known = fetches.filter((fetch) => fetch.adcode === adcode && fetch.target === target);
  const wetAt = (instant: number): boolean =>
    known.filter(({ when }) => when <= instant).reduce((_, { isWet }) => isWet, false);
  const first = mode === 'always' || wetAt(due) ? 'sent' : 'skipped';
  if (!correction) return first;
  const eveningEnd = simulation.at(target - 1, '22:00');
  const [morning, end] = [simulation.at(target, '06:30'), simulation.at(target, '09:00')];
  const moments = [
    ...known.map(({ when }) => when).filter((when) => when > due && when < eveningEnd),
    morning,
    ...known.map(({ when }) => when).filter((when) => when > morning && when < end),
  ];
  const isFlipped = moments.some((moment) => wetAt(moment) !== wetAt(due));
  return isFlipped ? `${first} corrected` : first;
}

/**
 * Lives through some days of pseudo-random subscriptions, forecasts and failures. Asserts that the ledger and the received
 * messages are exactly those of `expectedRows`. `group` is the prefix of the channels' ids.
 */
export async function assertDaysAsExpected(
  simulation: AlertSimulation,
  group: string,
  {
    days,
    subscriptions,
    seed,
  }: { readonly days: number; readonly subscriptions: number; readonly seed: number },
): Promise<void> {
  const random = pseudoRandom(seed);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const channelIds = Array.from({ length: CHANNELS }, (_, number) => `${group}-${number}`);
  for (const channelId of channelIds) await simulation.channel(channelId);
  const subscribers: Subscriber[] = [];
  for (let number = 0; number < subscriptions; number++) {
    const adcode = pick(CITIES);
    const channelId = pick(channelIds);
    // Each due time of a channel and city is used once, because it is part of the id.
    const at = `${18 + Math.floor(random() * 4)}:${String(number + 1).padStart(2, '0')}`;
    const mode = random() < 0.3 ? 'always' : 'alert';
    const correction = random() < 0.8;
    const id = await simulation.subscribe(adcode, channelId, { at, mode, correction }, { isDown: true });
    subscribers.push({ id, adcode, channelId, at, mode, correction });
  }
  // Otherwise the robots would count the messages of many hours in one minute.
  simulation.useSimulatedTime({});
  simulation.failRandomly(() => random() < 0.003);
  const fetches: Fetch[] = [];
  for (let day = 0; day <= days; day++) {
    if (day < days) await simulation.plan([day + 1]);
    for (const time of FETCHES) {
      if (day === 0 && time < '08:05') continue;
      await simulation.skipTo(day, time);
      for (const adcode of CITIES)
        for (const target of [day, day + 1]) {
          const isWet = random() < 0.5;
          await simulation.forecast(adcode, target, {
            dayweather: isWet ? '小雨' : '多云',
            nightweather: '多云',
          });
          fetches.push({ adcode, target, when: simulation.at(day, time), isWet });
        }
    }
  }
  await simulation.skipTo(days + 1, '10:00');

  const rows = (await Promise.all(channelIds.map(simulation.ledger))).flat();
  const actual: string[] = [];
  const expected: string[] = [];
  for (const subscriber of subscribers)
    for (let target = 1; target <= days; target++) {
      const rowOf = (correction: number) =>
        rows.find(
          ({ deliveryId }) => deliveryId === `${simulation.day(target)}.${subscriber.id}.${correction}`,
        );
      const about = `${subscriber.id} for day ${target}`;
      expected.push(`${about}: ${expectedRows(simulation, subscriber, target, fetches)}`);
      actual.push(`${about}: ${rowOf(0)?.status}${rowOf(1)?.status === 'sent' ? ' corrected' : ''}`);
    }
  assert.deepEqual(actual, expected);
  await assertReceivedOnce(simulation, rows);
}

/**
 * Every message that the ledger calls sent was received, and once, unless its rows say that it may have arrived twice. A
 * text has only the first four characters of its id, so messages whose ids begin alike are counted together.
 */
async function assertReceivedOnce(
  simulation: AlertSimulation,
  rows: Awaited<ReturnType<AlertSimulation['ledger']>>,
): Promise<void> {
  const received = await simulation.received();
  const sent = new Map(
    rows
      .filter(({ status }) => status === 'sent')
      .map(({ messageid = '', maybeduplicate }) => [messageid, maybeduplicate === true]),
  );
  assert.ok(sent.size > 0, 'some messages were sent');
  const messages = [...sent].map(([id, isMaybeTwice]) => ({ start: id.slice(0, 4), isMaybeTwice }));
  for (const start of new Set(messages.map((message) => message.start))) {
    const alike = messages.filter((message) => message.start === start);
    const most = alike.length + alike.filter(({ isMaybeTwice }) => isMaybeTwice).length;
    const copies = received.filter(({ text }) => text.includes(`#${start}`)).length;
    assert.ok(
      copies >= alike.length && copies <= most,
      `${copies} copies of ${alike.length} messages #${start}`,
    );
  }
}
