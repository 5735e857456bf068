import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { loadScript } from './load.ts';

const { foldersOnPath, provideTemporal } = await loadScript('temporal');

const WORKING = '#!/bin/sh\nexit 0\n';
const BROKEN = '#!/bin/sh\nexit 1\n';
/** Replaces Go: its `install` writes a working program. */
const GO = `#!/bin/sh\n[ "$1" = version ] && exit 0\nprintf '${WORKING.replaceAll('\n', '\\n')}' > "$GOBIN/temporal"\n/bin/chmod 755 "$GOBIN/temporal"\n`;

/** The system's tar, which also needs gzip. */
const TAR = '#!/bin/sh\nPATH=/usr/bin:/bin\nexport PATH\nexec tar "$@"\n';

let root = '';
let servers: Server[] = [];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sluice-test-provider-'));
  program('bin/tar', TAR);
});
afterEach(async () => {
  for (const server of servers) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  servers = [];
  rmSync(root, { recursive: true, force: true });
});

function program(path: string, text: string): string {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  chmodSync(file, 0o755);
  return file;
}

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return `http://127.0.0.1:${address.port}`;
}

/** Provides the Temporal CLI in an environment whose PATH, HOME and cache are in the test's folder. */
function provide(
  options: {
    env?: Record<string, string>;
    downloadBase?: string;
    firstByteMs?: number;
    sha256?: string;
    arch?: string;
  } = {},
) {
  return provideTemporal({
    platform: 'linux',
    arch: options.arch ?? 'x64',
    downloads: { linux: { x64: { archive: 'linux_amd64', sha256: options.sha256 ?? '0'.repeat(64) } } },
    downloadBase: options.downloadBase ?? 'http://127.0.0.1:9',
    firstByteMs: options.firstByteMs ?? 5_000,
    env: { PATH: join(root, 'bin'), HOME: root, XDG_CACHE_HOME: join(root, 'cache'), ...options.env },
  });
}

const DOWNLOADED = 'cache/sluice/temporal-download-1.5.1/temporal';
const BUILT = 'cache/sluice/temporal-1.5.1/temporal';

test('TEMPORAL_CLI_PATH has priority over everything else', async () => {
  const named = program('own/temporal', WORKING);
  program('bin/temporal', WORKING);
  assert.equal(await provide({ env: { TEMPORAL_CLI_PATH: named } }), named);
});

test('a TEMPORAL_CLI_PATH that does not run is an error with its value, even if PATH has a program that runs', async () => {
  program('bin/temporal', WORKING);
  const named = program('own/temporal', BROKEN);
  await assert.rejects(provide({ env: { TEMPORAL_CLI_PATH: named } }), {
    message: new RegExp(`TEMPORAL_CLI_PATH is "${named}"`),
  });
});

test('temporal on PATH has priority over the cache', async () => {
  program(BUILT, WORKING);
  const onPath = program('bin/temporal', WORKING);
  assert.equal(await provide(), onPath);
});

for (const [name, folder, used] of [
  ['an absolute folder', '/usr/local/bin', true],
  ['a folder whose name ends like that of npm', '/home/user/my_node_modules/.bin', true],
  ['a folder below that of npm', '/home/node_modules/.bin/tools', true],
  ['the folder of npm in a parent folder', '/home/node_modules/.bin', false],
  ['the folder of npm with a slash at its end', '/home/user/node_modules/.bin/', false],
  ['the folder of npm with dots', '/home/node_modules/x/../.bin/.', false],
  ['a relative folder', 'bin', false],
  ['the current folder', '.', false],
  ['an empty entry, which means the current folder', '', false],
] as const)
  test(`a temporal in ${name} on PATH is ${used ? 'used' : 'ignored'}`, () => {
    assert.deepEqual(foldersOnPath(`/first:${folder}:/last`), ['/first', ...(used ? [folder] : []), '/last']);
  });

test('a temporal that npm puts on the PATH is not executed', async () => {
  const marker = join(root, 'executed');
  program('node_modules/.bin/temporal', `#!/bin/sh\ntouch ${marker}\n`);
  const onPath = program('bin/temporal', WORKING);
  const env = { PATH: `${join(root, 'node_modules/.bin')}:${join(root, 'bin')}` };
  assert.equal(await provide({ env }), onPath);
  assert.equal(existsSync(marker), false);
});

for (const what of ['tar', 'go'])
  test(`a ${what} that npm puts on the PATH is not executed`, async () => {
    const marker = join(root, 'executed');
    program(`node_modules/.bin/${what}`, `#!/bin/sh\ntouch ${marker}\n`);
    program('bin/go', GO);
    const env = { PATH: `${join(root, 'node_modules/.bin')}:${join(root, 'bin')}` };
    if (what === 'go') {
      assert.equal(await provide({ env }), join(root, BUILT));
    } else {
      const { archive, sha256 } = archiveOfCli();
      const downloadBase = await serve((_request, response) => void response.end(archive));
      assert.equal(await provide({ env, downloadBase, sha256 }), join(root, DOWNLOADED));
    }
    assert.equal(existsSync(marker), false);
  });

for (const [how, path] of [
  ['downloaded', DOWNLOADED],
  ['built', BUILT],
] as const)
  test(`a ${how} copy that has changed is an error with both checksums and a remedy, and is not executed`, async () => {
    const marker = join(root, 'executed');
    const copy = program(path, WORKING);
    assert.equal(await provide(), copy);
    assert.equal(await provide(), copy);
    const changed = `#!/bin/sh\ntouch ${marker}\n`;
    program(path, changed);
    const [before, now] = [WORKING, changed].map((text) => createHash('sha256').update(text).digest('hex'));
    await assert.rejects(provide(), {
      message: `${copy} has the SHA-256 ${now}; expected: ${before}. It was not executed`,
      remedy: `delete ${dirname(copy)}, then start again; Sluice then provides the Temporal CLI again`,
    });
    assert.equal(existsSync(marker), false);
    rmSync(dirname(copy), { recursive: true });
    program('bin/go', GO);
    assert.equal(await provide(), join(root, BUILT));
  });

for (const [how, path] of [
  ['download', DOWNLOADED],
  ['build', BUILT],
] as const)
  test(`the checksum of a fresh ${how} is recorded, so that a later change is an error`, async () => {
    const { archive, sha256 } = archiveOfCli();
    const downloadBase = await serve((_request, response) => void response.end(archive));
    program('bin/go', GO);
    assert.equal(await provide(how === 'download' ? { downloadBase, sha256 } : {}), join(root, path));
    program(path, '#!/bin/sh\nexit 0 # changed\n');
    await assert.rejects(provide(), /has the SHA-256 .* It was not executed/);
  });

test('a program on PATH that does not run is skipped', async () => {
  program('bin/temporal', BROKEN);
  const built = program(BUILT, WORKING);
  assert.equal(await provide(), built);
});

test('an earlier download has priority over an earlier build', async () => {
  program(BUILT, WORKING);
  const downloaded = program(DOWNLOADED, WORKING);
  assert.equal(await provide(), downloaded);
});

/** An archive with a program that runs, as the download has it, and its checksum. */
function archiveOfCli() {
  program('archive/temporal', WORKING);
  execFileSync('tar', ['-czf', join(root, 'cli.tar.gz'), '-C', join(root, 'archive'), 'temporal']);
  const archive = readFileSync(join(root, 'cli.tar.gz'));
  return { archive, sha256: createHash('sha256').update(archive).digest('hex') };
}

test('the download of one version for this platform is checked, and unpacked into the cache', async () => {
  const { archive, sha256 } = archiveOfCli();
  const asked: (string | undefined)[] = [];
  const downloadBase = await serve((request, response) => {
    asked.push(request.url);
    response.end(archive);
  });
  assert.equal(await provide({ downloadBase, sha256 }), join(root, DOWNLOADED));
  assert.equal(await provide({ downloadBase, sha256 }), join(root, DOWNLOADED));
  assert.deepEqual(asked, ['/v1.5.1/temporal_cli_1.5.1_linux_amd64.tar.gz']);
});

test('a download with another checksum is an error that names both, and nothing of it is executed or kept', async () => {
  const marker = join(root, 'executed');
  program('archive/temporal', `#!/bin/sh\ntouch ${marker}\n`);
  execFileSync('tar', ['-czf', join(root, 'cli.tar.gz'), '-C', join(root, 'archive'), 'temporal']);
  const archive = readFileSync(join(root, 'cli.tar.gz'));
  const actual = createHash('sha256').update(archive).digest('hex');
  const downloadBase = await serve((_request, response) => void response.end(archive));
  await assert.rejects(provide({ downloadBase }), (error: Error & { outputLines?: string[] }) => {
    const lines = error.outputLines?.join('\n') ?? '';
    assert.match(lines, new RegExp(`has the SHA-256 ${actual}; expected: 0{64}. It was not unpacked`));
    return true;
  });
  assert.equal(existsSync(marker), false);
  assert.deepEqual(readdirSync(join(root, 'cache/sluice')), []);
});

test('a platform without a known checksum gets no download', async () => {
  let requests = 0;
  const downloadBase = await serve((_request, response) => {
    requests++;
    response.end();
  });
  await assert.rejects(
    provide({ downloadBase, arch: 'riscv64' }),
    (error: Error & { outputLines?: string[] }) => {
      const lines = error.outputLines?.join('\n') ?? '';
      assert.match(lines, /download: there is no download with a known checksum for linux on riscv64/);
      return true;
    },
  );
  assert.equal(requests, 0);
});

for (const [why, listener] of [
  ['is refused', (_request, response) => response.writeHead(403).end()],
  ['is not an archive', (_request, response) => response.end('<html>')],
  ['never answers', () => {}],
] as const satisfies readonly (readonly [string, RequestListener])[]) {
  test(`if the download ${why}, Go builds the CLI, and no incomplete file stays`, async () => {
    program('bin/go', GO);
    const downloadBase = await serve(listener);
    assert.equal(await provide({ downloadBase, firstByteMs: 200 }), join(root, BUILT));
    assert.deepEqual(readdirSync(join(root, 'cache/sluice')), ['temporal-1.5.1']);
  });
}

test('if everything fails, the message has all attempts and the three remedies', async () => {
  await assert.rejects(provide(), (error: Error & { outputLines?: string[]; remedy?: string }) => {
    assert.match(error.message, /there is no Temporal CLI/);
    assert.match(error.outputLines?.join('\n') ?? '', /download: .*ECONNREFUSED|download: .*bad port/);
    assert.match(error.outputLines?.join('\n') ?? '', /build with Go: Go is not installed/);
    assert.match(error.remedy ?? '', /docs\.temporal\.io[\s\S]*TEMPORAL_CLI_PATH[\s\S]*go\.dev/);
    return true;
  });
});

test('concurrent starts do not disturb each other', async () => {
  program('bin/go', GO);
  const found = await Promise.all([provide(), provide(), provide()]);
  assert.deepEqual(found, Array(3).fill(join(root, BUILT)));
  assert.ok(existsSync(join(root, BUILT)));
  assert.deepEqual(readdirSync(join(root, 'cache/sluice')), ['temporal-1.5.1']);
});
