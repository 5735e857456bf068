import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { prepareSluice } from '../cli/sluice.ts';
import { rawUtf8, send } from '../gateway/http.ts';
import { startGateway } from '../gateway/running-gateway.ts';
import { BUCKET, type System, startSystem } from '../support/system.ts';
import { until } from '../support/until.ts';
import { zipOf } from '../support/zip-writer.ts';

/** Sets a window title, clears the screen, hides a part, and reverses the rest. */
const HOSTILE = 'a\u001b]0;title\u0007b\u001b[2Jc\u009b31md\u202ee\u200bf\rg';
/** Everything that a terminal could obey. Line breaks and tabs are the command's own. */
const CONTROL = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;

const ROUTES = `
routes:
  - { name: order, match: { type: [order] }, workflow: order, queue: nobody, id: "order:{subject}", readable: true }
  - { name: broken, match: { type: [broken] }, workflow: order, queue: nobody, id: "broken:{data.missing}" }
`;

let system: System;
let gateway: Awaited<ReturnType<typeof startGateway>>;
const sluice = prepareSluice(() => ({
  SLUICE_GATEWAY: gateway.url,
  SLUICE_TEMPORAL_ADDRESS: system.temporal.address,
  OSS_ENDPOINT: system.ossEndpoint,
  OSS_ACCESSKEYID: 'local',
  OSS_ACCESSKEYSECRET: 'local-secret',
  TABLESTORE_ENDPOINT: 'http://127.0.0.1:1',
  TABLESTORE_INSTANCE: 'sluice-local',
}));
let failedRun = '';
let parked = '';
const archive = zipOf([
  { name: `x/${HOSTILE}`, content: 'x' },
  { name: `../${HOSTILE}`, content: 'x' },
]);
const event = (type: string) =>
  JSON.stringify({
    ...{ specversion: '1.0', id: HOSTILE, source: `/s/${HOSTILE}`, type, subject: HOSTILE },
    data: { text: HOSTILE },
  });

before(async () => {
  system = await startSystem();
  gateway = await startGateway(system.temporal.address, { routes: ROUTES });
  const headers = { 'content-type': 'application/cloudevents+json' };
  await send(gateway.port, { path: '/events', headers, body: event('order') });
  await send(gateway.port, { path: '/events', headers, body: event('broken') });
  const raw = {
    'ce-id': rawUtf8('\u009b31md\u202e'),
    'ce-type': 'broken',
    'ce-note': ['1', '2'],
  };
  await send(gateway.port, { path: '/events', headers: { ...raw, 'ce-source': '/s' }, body: HOSTILE });
  parked = gateway.received.find(({ parked: id }) => id !== undefined)?.parked ?? '';
  await system.put(`zip/${HOSTILE}.zip`, archive);
  await system.put('zip/hostile.zip', archive);
  failedRun = await until('the run of the archive has ended', async () => {
    const query = "WorkflowType = 'unzipObject' AND ExecutionStatus != 'Running'";
    for await (const { workflowId } of system.client.workflow.list({ query })) return workflowId;
    return undefined;
  });
  for (const name of ['event.json', 'order.json'])
    writeFileSync(join(sluice.home, name), event(name === 'order.json' ? 'order' : 'broken'));
  writeFileSync(join(sluice.home, 'hostile.zip'), archive);
  writeFileSync(join(sluice.home, 'routes.yaml'), `routes:\n  - name: ${JSON.stringify(HOSTILE)}\n`);
});
after(async () => {
  await gateway?.stop();
  await system?.stop();
  sluice.remove();
});

const file = (name: string): string => join(sluice.home, name);
const commands: readonly (readonly [what: string, args: () => readonly string[]])[] = [
  ['send', () => ['send', file('order.json')]],
  ['send --json', () => ['send', file('event.json'), '--json']],
  ['explain', () => ['explain', file('order.json')]],
  ['explain --json', () => ['explain', file('event.json'), '--json']],
  ['trace', () => ['trace', '--', `/s/${HOSTILE}`, HOSTILE]],
  ['trace of an unknown event', () => ['trace', '--', HOSTILE, `other${HOSTILE}`]],
  ['parked list', () => ['parked']],
  ['parked list --json', () => ['parked', '--json']],
  ['parked show', () => ['parked', 'show', parked]],
  ['parked show --json', () => ['parked', 'show', parked, '--json']],
  ['parked show of an unknown id', () => ['parked', 'show', `parked:${HOSTILE}`]],
  ['replay', () => ['replay', parked]],
  ['replay --json', () => ['replay', '--all', '--json']],
  ['runs list', () => ['runs', 'list']],
  ['runs list --json', () => ['runs', 'list', '--json']],
  ['runs follow', () => ['runs', 'follow', failedRun]],
  ['runs follow --json', () => ['runs', 'follow', failedRun, '--json']],
  ['runs follow of an unknown run', () => ['runs', 'follow', HOSTILE]],
  ['unzip plan', () => ['unzip', 'plan', file('hostile.zip')]],
  ['unzip plan --json', () => ['unzip', 'plan', file('hostile.zip'), '--json']],
  ['unzip plan of an object', () => ['unzip', 'plan', `oss://${BUCKET}/zip/${HOSTILE}.zip`]],
  ['unzip verify', () => ['unzip', 'verify', `oss://${BUCKET}/zip/${HOSTILE}.zip`]],
  ['routes check', () => ['routes', 'check', file('routes.yaml')]],
  ['doctor', () => ['doctor']],
  ['an unknown command', () => [HOSTILE]],
  ['an unknown option', () => ['runs', 'list', `--${HOSTILE}`]],
];
for (const [what, args] of commands)
  test(`sluice ${what} prints nothing that a terminal would obey`, async () => {
    const { stdout, stderr } = await sluice(args());
    const output = stdout + stderr;
    assert.notEqual(output, '');
    const found = [...output.matchAll(CONTROL)]
      .map(([character]) => character)
      .filter((c) => c !== '\n' && c !== '\t');
    assert.deepEqual(
      found.map((character) => `U+${character.charCodeAt(0).toString(16).padStart(4, '0')}`),
      [],
      JSON.stringify(output),
    );
  });
