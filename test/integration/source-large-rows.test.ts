import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { residentMiB } from '../../bench/gateway/process-usage.ts';
import { startReceiver } from '../support/source-receiver.ts';
import { startSourceSystem } from '../support/source-system.ts';
import { until } from '../support/until.ts';

const ROWS = 16;
const SPLITS = 8;
/** The length of a column. Two such columns make a row of nearly the maximum size. */
const LENGTH = 1_900_000;

const texts = [
  ['plain text', 'a'],
  ['control characters, which need six bytes each in JSON', '\u0001'],
] as const;

for (const [characters, character] of texts)
  test(`with rows of nearly the maximum size (${characters}) on many channels, memory stays small while the sink is silent, and all rows arrive later`, {
    timeout: 300_000,
  }, async (t) => {
    const sink = await startReceiver(t);
    let silent = true;
    sink.answer = async () => {
      while (silent) await wait(50);
      return 202;
    };
    const system = await startSourceSystem({ K_SINK: sink.url, SOURCE_SEND_MS: '2000' });
    t.after(() => system.stop());
    for (let split = 0; split < SPLITS; split++) {
      const body = JSON.stringify({ table: 'weather' });
      const answer = await fetch(`${system.endpoint}/-/faults/split`, { method: 'POST', body });
      assert.equal(answer.status, 200, await answer.text());
    }
    const source = await system.source('only');
    await until('the source has its channels', async () => (await source.status())?.notReady === null);
    for (let row = 0; row < ROWS; row++) {
      const key = [
        { name: 'adcode', value: `large${row}` },
        { name: 'date', value: '2026-11-22' },
      ];
      const value = character.repeat(LENGTH);
      await system.rows.put('weather', key, [
        { name: 'one', value },
        { name: 'other', value },
      ]);
    }
    const { pid } = source.child;
    const memory: number[] = [];
    for (let sample = 0; sample < 40; sample++) {
      await wait(100);
      memory.push(residentMiB(pid));
    }
    assert.equal(sink.accepted.length, 0);
    silent = false;
    const ids = (): Set<unknown> => new Set(sink.accepted.map(({ headers }) => headers['ce-id']));
    await until('all rows have arrived', () => {
      memory.push(residentMiB(pid));
      return ids().size === ROWS;
    });
    assert.equal(source.child.pid, pid);
    t.diagnostic(`at most ${Math.max(...memory)} MiB`);
    assert.ok(Math.max(...memory) < 320, `${Math.max(...memory)} MiB`);
  });
