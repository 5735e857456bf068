import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type CloudEvent, toJsonFormat } from '../../../domain/cloud-event.ts';
import { loadRoutes } from '../../../gateway/routes/load-routes.ts';
import { evaluateRoute } from '../../../gateway/routes/route.ts';
import { ConfigError } from '../../../runtime/config.ts';
import { putObjectEvent } from '../../support/events.ts';
import { decodeAll } from '../decode/decoded.ts';
import { shippedRoutes } from '../running-gateway.ts';

/** Returns what the shipped routes start for an event. */
const shippedStarts = (event: CloudEvent) =>
  loadRoutes([shippedRoutes]).routes.flatMap((route) => {
    const decision = evaluateRoute(route, { event, json: toJsonFormat(event) }, Date.now());
    return decision.verdict === 'start' ? [decision.runRequest] : [];
  });

const dir = mkdtempSync(join(tmpdir(), 'sluice-routes-'));
after(() => rmSync(dir, { recursive: true }));

let files = 0;
function routesFile(text: string): string {
  const file = join(dir, `routes-${files++}.yaml`);
  writeFileSync(file, text);
  return file;
}

function problemsOf(...paths: string[]): readonly string[] {
  try {
    loadRoutes(paths);
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.problems;
  }
  return [];
}

const good = `routes:
  - name: a
    match: { type: [x] }
    workflow: doIt
    queue: q
    id: "a:{id}"
`;

/** The message must name the location of the mistake: `:<line>: <path>`. */
const cases: readonly (readonly [name: string, text: string, line: number, path: string, error: RegExp])[] = [
  ['no list of routes', 'rows: []\n', 1, 'the file', /routes/],
  ['routes that are not a list', 'routes: 5\n', 1, 'routes', /routes is 5; allowed: a list/],
  ['a row that is not an object', 'routes:\n  - 5\n', 2, 'routes[0]', /object/],
  ['no name', good.replace('name: a\n    ', ''), 2, 'routes[0]', /name/],
  ['a name with invalid characters', good.replace('name: a', 'name: "A b"'), 2, 'routes[0].name', /A b/],
  ['no match', good.replace('match: { type: [x] }\n    ', ''), 2, 'routes[0]', /match/],
  ['no workflow', good.replace('    workflow: doIt\n', ''), 2, 'routes[0]', /workflow/],
  ['a workflow that is not text', good.replace('doIt', '5'), 4, 'routes[0].workflow', /5/],
  ['no queue', good.replace('    queue: q\n', ''), 2, 'routes[0]', /queue/],
  ...[
    'unzip-into:',
    'weather-refresh-',
    'alert:',
    'channel:',
    'parked:',
    'alerts-daily-',
    'temporal-sys-',
  ].map(
    (prefix) =>
      [
        `an id that begins with ${prefix}`,
        good.replace('a:{id}', `${prefix}{id}`),
        6,
        'routes[0].id',
        new RegExp(`begins with "${prefix}", which is reserved for Sluice's own runs`),
      ] as const,
  ),
  [
    'the name of a shipped route with a reserved id and another workflow',
    good.replace('name: a', 'name: weather').replace('a:{id}', 'weather-refresh-{id}'),
    6,
    'routes[0].id',
    /reserved/,
  ],
  [
    'another value of reserved',
    good.replace('queue: q', 'queue: q\n    reserved: true'),
    6,
    'routes[0].reserved',
    /true; allowed: allowed/,
  ],
  ['no id', good.replace('    id: "a:{id}"\n', ''), 2, 'routes[0]', /id/],
  ['an empty id', good.replace('a:{id}', ''), 6, 'routes[0].id', /id/],
  ['an unknown field', `${good}    retries: 5\n`, 7, 'routes[0].retries', /unknown/],
  [
    'an invalid flag',
    `${good}    exact: often\n`,
    7,
    'routes[0].exact',
    /exact is "often"; allowed: true or false/,
  ],
  ['an unmatched brace', good.replace('{id}', '{id'), 6, 'routes[0].id', /brace/],
  ['a placeholder that is not a path', good.replace('{id}', '{a b}'), 6, 'routes[0].id', /a b/],
  [
    'an invalid placeholder within an input',
    `${good}    input:\n      one: "{id}"\n      two: ["{}"]\n`,
    9,
    'routes[0].input.two[0]',
    /path/,
  ],
  [
    'an unknown charset in the input of unzipObject',
    `${good.replace('doIt', 'unzipObject')}    input:\n      bucket: b\n      charsets: klingon\n`,
    9,
    'routes[0].input.charsets',
    /must be a comma-separated list of gb18030, .*, but is "klingon"/,
  ],
  [
    'an unknown policy in the input of unzipObject',
    `${good.replace('doIt', 'unzipObject')}    input:\n      charsets: "{data.charsets}"\n      unsafe: ignore\n`,
    9,
    'routes[0].input.unsafe',
    /must be one of fail, skip, strip, but is "ignore"/,
  ],
  ['a pattern without a list', good.replace('[x]', 'x'), 3, 'routes[0].match.type', /array/],
  ['an empty list', good.replace('[x]', '[]'), 3, 'routes[0].match.type', /empty/],
  ['an unknown operator', good.replace('[x]', '[{ matches: "*" }]'), 3, 'routes[0].match.type[0]', /matches/],
  [
    'an empty prefix deep inside a pattern',
    good.replace(
      '{ type: [x] }',
      '\n      type: [x]\n      data:\n        key:\n          - y\n          - prefix: ""',
    ),
    8,
    'routes[0].match.data.key[1].prefix',
    /./,
  ],
  ['a delay over a year', `${good}    delay: P367D\n`, 7, 'routes[0].delay', /"P367D".*366 days/],
  ['an expiry over a year', `${good}    expires: PT8785H\n`, 7, 'routes[0].expires', /"PT8785H".*366 days/],
  [
    'a queue name that Temporal reserves',
    good.replace('queue: q', 'queue: /_sys/q'),
    5,
    'routes[0].queue',
    /"\/_sys\/q"/,
  ],
  ['an alias without an anchor', good.replace('id: "a:{id}"', 'id: *nothing'), 6, '', /nothing/],
  [
    'an alias to a value that contains the alias',
    good.replace('  - name', '  - &r\n    self: *r\n    name'),
    3,
    '',
    /an alias refers to a value that contains the alias/,
  ],
  ['a list without an end', good.replace('[x]', '[x'), 5, '', /./],
  ['an invalid slot', good.replace('{id}', '{time|slot:PT5H,Mars}'), 6, 'routes[0].id', /PT5H.*Mars/],
  [
    'a second route with the same name and another mistake',
    good + good.replace('routes:\n', '').replace('doIt', '5'),
    ...([7, 'routes[1].name', /a is used more than once/] as const),
  ],
  [
    'a second route with the same name, if the first has another mistake',
    good.replace('doIt', '5') + good.replace('routes:\n', ''),
    ...([7, 'routes[1].name', /a is used more than once/] as const),
  ],
  [
    'a second route with the same name',
    good + good.replace('routes:\n', ''),
    7,
    'routes[1].name',
    /more than once/,
  ],
];

for (const [name, text, line, path, error] of cases) {
  test(`reports a mistake with its line and path: ${name}`, () => {
    const file = routesFile(text);
    const problems = problemsOf(file);
    assert.ok(
      problems.some((problem) => problem.startsWith(`${file}:${line}: ${path}`) && error.test(problem)),
      problems.join('\n'),
    );
  });
}

test('accepts one year for delay and expires', () => {
  assert.deepEqual(problemsOf(routesFile(`${good}    delay: P366D\n    expires: PT8784H\n`)), []);
});

test('accepts any charset in the input of another workflow than unzipObject, and placeholders in that of unzipObject', () => {
  const input = '    input: { charsets: klingon }\n';
  const unzipInput = '    input: { charsets: ["{data.charset}"], unsafe: strip }\n';
  assert.deepEqual(problemsOf(routesFile(good + input)), []);
  assert.deepEqual(problemsOf(routesFile(good.replace('doIt', 'unzipObject') + unzipInput)), []);
});

test('rejects a file whose aliases expand without limit, and names the file', () => {
  const lists = [...'bcdefghi'].map((name, index) => {
    const before = `*${'abcdefgh'[index]}`;
    return `${name}: &${name} [${Array(9).fill(before).join(', ')}]\n`;
  });
  const file = routesFile(`a: &a [1]\n${lists.join('')}${good}`);
  const [problem = '', ...more] = problemsOf(file);
  assert.ok(problem.startsWith(`${file}: `) && /alias/i.test(problem) && more.length === 0, problem);
});

test('rejects a file that is nested too deeply, and names the file', () => {
  const file = routesFile(`a: ${'['.repeat(20_000)}\n`);
  const problems = problemsOf(file);
  assert.ok(problems.length > 0 && problems.every((problem) => problem.startsWith(`${file}`)));
  assert.match(problems[0] ?? '', /nested too deeply/);
  assert.doesNotMatch(problems.join(), /call stack/);
});

test('a mistake in a pattern names its path once', () => {
  const file = routesFile(good.replace('[x]', 'x'));
  assert.deepEqual(problemsOf(file), [
    `${file}:3: routes[0].match.type: the value of an attribute must be an array, got "x"`,
  ]);
});

test('reports a file that is not YAML with the line', () => {
  const file = routesFile('routes:\n  - name: "a\n');
  assert.match(problemsOf(file)[0] ?? '', new RegExp(`^${file}:[23]: `));
});

test('reports a repeated field with its line', () => {
  const file = routesFile(`${good}    queue: other\n`);
  assert.match(problemsOf(file)[0] ?? '', new RegExp(`^${file}:7: `));
});

test('reports a missing file by name', () => {
  assert.match(problemsOf(join(dir, 'absent.yaml'))[0] ?? '', /absent\.yaml.*ENOENT/);
});

test('reports all mistakes of all files at once', () => {
  const one = routesFile(good.replace('doIt', '5').replace('{id}', '{id'));
  const two = routesFile(good.replace('queue: q', 'queue: 7'));
  const problems = problemsOf(one, two, join(dir, 'absent.yaml'));
  assert.equal(problems.length, 4, problems.join('\n'));
});

test('reports all mistakes of one route, also within a pattern and a template', () => {
  const file = routesFile(`routes:
  - name: a
    match: { type: x, Source: [y], data: { a: [], b: [{ prefix: "" }, { cidr: nowhere }] } }
    workflow: doIt
    queue: q
    id: "a:{}:{b c}"
    signal: changed
    delay: PT1H
    expires: soon
`);
  const problems = problemsOf(file);
  for (const [line, path] of [
    ...[
      [3, 'match.type'],
      [3, 'match.Source'],
      [3, 'match.data.a'],
      [3, 'match.data.b[0]'],
      [3, 'match.data.b[1]'],
    ],
    ...[
      [6, 'id'],
      [8, 'delay'],
      [9, 'expires'],
    ],
  ])
    assert.ok(
      problems.some((problem) => problem.startsWith(`${file}:${line}: routes[0].${path}`)),
      `${path}\n${problems.join('\n')}`,
    );
  assert.equal(problems.length, 9, problems.join('\n'));
});

test('a file without sources has no senders', () => {
  assert.deepEqual(loadRoutes([routesFile(good)]).senders, []);
});

test('a later file adds rows and replaces rows with the same name', () => {
  const first = routesFile(good);
  const second = routesFile(
    good.replace('doIt', 'doElse') + good.replace('routes:\n', '').replace('name: a', 'name: b'),
  );
  assert.deepEqual(
    loadRoutes([first, second]).routes.map(({ name, workflow }) => [name, workflow]),
    [
      ['a', 'doElse'],
      ['b', 'doIt'],
    ],
  );
});

const shipped: readonly (readonly [name: string, changes: object, matches: boolean])[] = [
  ...['PutObject', 'PostObject', 'CopyObject', 'AppendObject', 'CompleteMultipartUpload'].map(
    (type) => [type, { type: `oss:ObjectCreated:${type}` }, true] as const,
  ),
  ...['InitiateMultipartUpload', 'UploadPart', 'UploadPartCopy', 'PutSymlink'].map(
    (type) => [type, { type: `oss:ObjectCreated:${type}` }, false] as const,
  ),
  ['a deletion', { type: 'oss:ObjectRemoved:DeleteObject' }, false],
  ['another source', { source: 'acs.rds' }, false],
];

for (const [name, changes, matches] of shipped) {
  test(`the shipped routes ${matches ? 'match' : 'ignore'} an event of OSS: ${name}`, () => {
    const event = { ...putObjectEvent('zip/a.zip', { bucket: 'any-bucket' }), ...changes };
    const [decoded] = decodeAll({ 'content-type': 'application/json' }, JSON.stringify(event));
    assert.ok(decoded);
    const starts = shippedStarts(decoded);
    assert.deepEqual(
      starts.map(({ workflow }) => workflow),
      matches ? ['unzipObject'] : [],
    );
  });
}

test('the shipped unzip route ignores objects outside zip/, also the objects that the workflow writes', () => {
  for (const key of ['unzip/a/b.zip', 'unzip/.sluice/a.json', 'a.zip', 'Zip/a.zip']) {
    const [decoded] = decodeAll({}, JSON.stringify(putObjectEvent(key)));
    assert.ok(decoded);
    assert.deepEqual(shippedStarts(decoded), [], key);
  }
});

for (const [name, text] of [
  [
    'with reserved: allowed',
    good.replace('a:{id}', 'parked:{id}').replace('queue: q', 'queue: q\n    reserved: allowed'),
  ],
  [
    'that replaces a shipped route with its workflow',
    good
      .replace('name: a', 'name: weather')
      .replace('doIt', 'refreshWeather')
      .replace('a:{id}', 'weather-refresh-{id}'),
  ],
] as const)
  test(`a route ${name} may have a reserved id`, () => assert.deepEqual(problemsOf(routesFile(text)), []));
