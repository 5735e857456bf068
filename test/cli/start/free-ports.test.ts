import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { requireFreePorts } from '../../../cli/start/free-ports.ts';

let server: Server;
let taken = 0;
let home = '';
before(async () => {
  home = mkdtempSync(join(tmpdir(), 'sluice-test-ports-'));
  server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const address = server.address();
  taken = typeof address === 'object' && address !== null ? address.port : 0;
});
after(async () => {
  await new Promise((resolve) => server.close(resolve));
  rmSync(home, { recursive: true, force: true });
});

test('free ports are accepted', () =>
  requireFreePorts(
    {
      gateway: 0,
      api: 0,
      source: 0,
      worker: 0,
      temporal: 0,
      temporalUi: 0,
      oss: 0,
      tablestore: 0,
      provider: 0,
      channels: 0,
    },
    0,
  ));

test('a taken port is rejected with a sentence that names the port, what needs it, and what to do', async () => {
  const ports = {
    gateway: 0,
    api: 0,
    source: 0,
    worker: 0,
    temporal: taken,
    temporalUi: 0,
    oss: 0,
    tablestore: 0,
    provider: 0,
    channels: 0,
  };
  await assert.rejects(requireFreePorts(ports, 0), {
    message:
      `port ${taken} (needed by Temporal) is in use by another program; stop it, ` +
      'or move all ports with SLUICE_PORT_OFFSET, such as SLUICE_PORT_OFFSET=1000',
  });
});

test('`sluice start` reports a taken port before it starts anything', () => {
  // With this offset, the gateway's port is the taken one.
  const offset = taken - 8080;
  const main = fileURLToPath(new URL('../../../cli/main.js', import.meta.url));
  const { status, stderr } = spawnSync(process.execPath, [main, 'start'], {
    encoding: 'utf8',
    timeout: 300_000,
    env: { PATH: process.env.PATH, SLUICE_HOME: home, SLUICE_PORT_OFFSET: String(offset) },
  });
  assert.equal(status, 1);
  assert.match(stderr, new RegExp(`^sluice start: ports? ${taken} \\(needed by the gateway\\)`));
  assert.equal(existsSync(join(home, 'temporal.db')), false);
  assert.equal(existsSync(join(home, 'supervisor.lock')), false);
});
