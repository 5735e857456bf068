import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../cli/main.js', import.meta.url));

let home = '';
before(() => {
  home = mkdtempSync(join(tmpdir(), 'sluice-test-cli-'));
});
after(() => rmSync(home, { recursive: true, force: true }));

/** Runs the command in a home without running processes, with addresses that nothing listens on. */
function sluice(
  args: readonly string[],
  { input = '', env = {} }: { input?: string; env?: Record<string, string> } = {},
) {
  return spawnSync(process.execPath, [main, ...args], {
    encoding: 'utf8',
    input,
    timeout: 300_000,
    env: {
      PATH: process.env.PATH,
      SLUICE_TEST_RUN: process.env.SLUICE_TEST_RUN,
      HOME: home,
      SLUICE_HOME: home,
      SLUICE_GATEWAY: 'http://127.0.0.1:9',
      SLUICE_TEMPORAL_ADDRESS: '127.0.0.1:9',
      ...env,
    },
  });
}

const operatorCommands = ['runs', 'send', 'explain', 'routes', 'trace', 'parked', 'replay', 'doctor'];
const alertCommands = ['subscribe', 'subscriptions', 'preview', 'mute', 'channels', 'deliveries'];
const names = ['start', 'gateway', 'worker', 'local', ...operatorCommands, ...alertCommands];

for (const args of [['--help'], ['help'], ['-h']]) {
  test(`sluice ${args[0]} lists the commands and exits with 0`, () => {
    const { status, stdout } = sluice(args);
    assert.equal(status, 0);
    for (const name of names) {
      assert.match(stdout, new RegExp(`^ {2}${name} `, 'm'));
    }
  });
}

for (const name of names) {
  test(`sluice ${name} --help prints the usage and does nothing`, () => {
    const { status, stdout, stderr } = sluice([name, '--help']);
    assert.deepEqual([status, stderr], [0, '']);
    assert.match(stdout, new RegExp(`^usage: sluice ${name}`, 'm'));
  });
}

test('sluice local --help names all services and every port setting', () => {
  const { stdout } = sluice(['local', '--help']);
  for (const word of ['OSS', 'EventBridge', 'Tablestore', 'AMap', 'DingTalk', 'SLUICE_PORT_OFFSET'])
    assert.match(stdout, new RegExp(word));
  for (const name of ['DIR', 'OSS_PORT', 'TABLESTORE_PORT', 'AMAP_PORT', 'CHANNELS_PORT', 'GATEWAY'])
    assert.match(stdout, new RegExp(`^SLUICE_LOCAL_${name} `, 'm'));
});

for (const [args, sentence] of [
  [[], /usage: sluice <command>/],
  [['strat'], /there is no command "strat"; did you mean `sluice start`\?/],
  [['frobnicate'], /there is no command "frobnicate"; see sluice --help/],
  [['start', 'now'], /"now" is one argument too many/],
  [['start', '--bogus'], /Unknown option '--bogus'/],
  [['gateway', '--port', '1'], /Unknown option '--port'/],
  [['runs', 'folow', 'x'], /did you mean `sluice runs follow`\?/],
  [['runs', 'follow'], /<id> is missing/],
  [['runs', 'follow', ''], /<id> is empty/],
  [['channels', 'test', ''], /<id> is empty/],
  [['runs', 'retry'], /<id> is missing/],
  [['runs', 'cancel', 'a', 'b'], /"b" is one argument too many/],
  [['runs', '--limit', 'many'], /--limit is "many"; allowed: a whole number/],
  [['explain'], /<file> is missing/],
  [
    ['explain', 'a.json', '--routes', 'r.yaml', '--gateway', 'http://x'],
    /--gateway and --routes cannot be used together/,
  ],
  [['trace', '/shop'], /<id> is missing/],
  [['trace', '/shop', '1', '2'], /"2" is one argument too many/],
  [['parked', 'shwo'], /did you mean `sluice parked show`\?/],
  [['parked', 'parked:0123456789abcdef'], /did you mean `sluice parked show`\?/],
  [['parked', 'show'], /<id> is missing/],
  [['parked', 'dismiss'], /<id> is missing/],
  [['parked', '--since', 'yesterday'], /--since is "yesterday"; allowed: a duration before now/],
  [['parked', '--status', 'bad'], /--status is "bad"; allowed: a whole number/],
  [['parked', '--limit', '0'], /--limit is "0"; allowed: a whole number from 1/],
  [['replay'], /select requests by ids, by filters such as --since 2h, or with --all/],
  [['replay', '--limit', '3'], /select requests by ids, by filters such as --since 2h, or with --all/],
  [['replay', '--dry-run'], /select requests by ids, by filters such as --since 2h, or with --all/],
  [['replay', 'parked:1', '--type', 't'], /ids and filters cannot be used together/],
  [['replay', 'parked:1', '--all'], /ids and filters cannot be used together/],
  [['replay', '--all', '--type', 't'], /--all and filters cannot be used together/],
  [['replay', '--until', 'now'], /--until is "now"; allowed: a duration before now/],
  [['source', '--yes'], /--yes is only for --delete-tunnel/],
  [['source', '--delete-tunnel'], /this would delete tunnel sluice of table weather.*; confirm with --yes/],
  [['source', 'stauts'], /"stauts" is one argument too many/],
  [['weather'], /<city> is missing: sluice weather 北京/],
  [['channels', 'ad'], /did you mean `sluice channels add`\?/],
  [['channels', 'add'], /<kind> is missing/],
  [['channels', 'add', 'slack', '--url', 'u'], /<kind> is "slack"; allowed: dingtalk, webhook/],
  [['channels', 'add', 'webhook'], /--url is missing/],
  [['channels', 'add', 'webhook', '--url', '-', '--secret', '-'], /only one of --url and --secret/],
  [['channels', 'add', 'webhook', '--url', '-'], /standard input has no line for --url/],
  [['channels', 'test'], /<id> is missing/],
  [['channels', '--api', 'nowhere'], /--api is "nowhere"; allowed: an http/],
  [['channels', '--token', 'a b'], /the token of the api \(not shown\) has characters/],
  [['subscribe'], /<city> is missing: sluice subscribe 北京/],
  [['subscribe', '北京'], /--channel is missing; sluice channels lists/],
  [['subscribe', '北京', '--channel', 'c', '--when', '{'], /--when is "\{"; allowed: JSON such as/],
  [['subscribe', '北京', '--channel', 'c', '--days', '1,8'], /--days is "1,8"; allowed: numbers from 1/],
  [['subscribe', '北京', '--channel', 'c', '--quiet', '22-7'], /--quiet is "22-7"; allowed: two times/],
  [['subscribe', '--adcode', '110000', '--date', '2026-12-05'], /--dayweather is missing; --adcode, /],
  [
    [
      ...['subscribe', '北京', '--adcode', '1', '--date', 'd'],
      ...['--dayweather', 'w', '--dingtalkurl', 'u'],
    ],
    /<city> and --dingtalkurl cannot be used together/,
  ],
  [
    [
      ...['subscribe', '--adcode', '1', '--date', 'd', '--at', '1'],
      ...['--dayweather', 'w', '--dingtalkurl', 'u'],
    ],
    /--at and --dingtalkurl cannot be used together/,
  ],
  [['subscriptions', 'pause'], /<id> is missing/],
  [['preview'], /<id> is missing/],
  [['mute', 'id'], /--until is missing/],
  [['mute', 'id', '--until', '2026-02-30'], /--until is "2026-02-30"; allowed: a duration like 12h/],
  [['deliveries', '--limit', '0'], /--limit is "0"; allowed: a whole number from 1/],
  [['doctor', '--nope'], /Unknown option '--nope'; see/],
  [['send'], /a file, or --type and --source, are required/],
  [['send', '--type', 't'], /a file, or --type and --source, are required/],
  [
    ['send', '--type', 't', '--source', 's', '--id', '-17'],
    /: a value of --id that begins with - is written as --id=<value>/,
  ],
  [['send', 'event.json', '--type', 't'], /a file and event options cannot be used together/],
  [
    ['send', '--type', 't', '--source', 's', '--gateway', 'nowhere'],
    /--gateway is "nowhere"; allowed: an http/,
  ],
] as const) {
  test(`\`sluice ${args.join(' ')}\` is incorrect usage: exit code 2 and one sentence`, () => {
    const { status, stdout, stderr } = sluice(args);
    assert.equal(status, 2);
    assert.match(stdout + stderr, sentence);
  });
}

test('a wrong setting is reported with its value and what is allowed', () => {
  const { status, stderr } = sluice(['start'], { env: { SLUICE_PORT_OFFSET: 'lots' } });
  assert.equal(status, 2);
  assert.match(stderr, /SLUICE_PORT_OFFSET is "lots"; allowed: a whole number from 0 to \d+/);
});

for (const [args, sentence] of [
  [['runs'], /Temporal at 127\.0\.0\.1:9 \(from SLUICE_TEMPORAL_ADDRESS\) does not answer/],
  [
    ['send', '--type', 't', '--source', 's'],
    /the gateway at http:\/\/127\.0\.0\.1:9\/events does not answer/,
  ],
  [['explain', 'no-such-file.json'], /no-such-file\.json cannot be read/],
  [['trace', '/s', '1'], /the gateway at http:\/\/127\.0\.0\.1:9\/events\/%2Fs\/1 does not answer/],
  [['send', 'no-such-file.json'], /no-such-file\.json cannot be read/],
] as const) {
  test(`\`sluice ${args.join(' ')}\` fails with exit code 1 and one sentence`, () => {
    const { status, stderr } = sluice(args);
    assert.equal(status, 1);
    assert.match(stderr, sentence);
    assert.doesNotMatch(stderr, /\n {4}at /, 'no stack trace');
  });
}

test('standard input that is not an event is reported', () => {
  const { status, stderr } = sluice(['send', '-'], { input: '[1]' });
  assert.equal(status, 1);
  assert.match(stderr, /standard input is not a CloudEvent as a JSON object/);
});

test('doctor names each fault and its remedy, and fails', () => {
  const { status, stdout } = sluice(['doctor', '--json']);
  assert.equal(status, 1);
  const findings = JSON.parse(stdout) as { ok: boolean; what: string; remedy?: string }[];
  const failed = findings.filter(({ ok }) => !ok);
  assert.deepEqual(
    failed.map(({ what }) => what),
    ['Temporal', 'gateway', 'OSS'],
  );
  assert.ok(failed.every(({ remedy }) => remedy !== undefined));
});
