/** AWS's Event Ruler, the library behind the patterns of Amazon EventBridge, against the dialect `aws`. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { matches, parsePattern } from '../../domain/event-pattern.ts';
import { parseExactJson } from '../../domain/exact-json.ts';
import { seededRandom } from '../../local/faults/seeded-random.ts';

type Provider = typeof import('../../scripts/lib/java-tool.mjs');

const SEED = 20261129;
const PAIRS = 20_000;

const inProject = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

let java: readonly string[] | undefined;
before(async () => {
  const { provideJavaProgram }: Provider = await import(inProject('scripts/lib/java-tool.mjs'));
  const project = inProject('test/tools/event-ruler');
  java = await provideJavaProgram(project, 'MatchRules.java', { name: 'event-ruler' });
  if (java === undefined)
    console.error(
      '\n!!! JAVA OR MAVEN IS NOT AVAILABLE: patterns WERE NOT COMPARED with AWS Event Ruler !!!\n',
    );
});

interface Pair {
  readonly rule: string;
  readonly event: string;
}

async function verdictsOfRuler(pairs: readonly Pair[]): Promise<string[]> {
  const child = spawn('java', [...(java ?? [])], { stdio: 'pipe', timeout: 240_000 });
  child.stdin.on('error', () => {});
  child.stdin.end(pairs.map((pair) => `${JSON.stringify(pair)}\n`).join(''));
  const [output, problem] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const lines = output.trimEnd().split('\n');
  assert.equal(lines.length, pairs.length, problem);
  return lines;
}

function verdictOfSluice({ rule, event }: Pair): string {
  const { mistakes, ...pattern } = parsePattern(parseExactJson(rule), 'aws');
  if (mistakes[0] !== undefined) return `refused: ${mistakes[0].message}`;
  return String(matches(pattern, parseExactJson(event)));
}

/** Makes rules and events of few keys and values, so that many of them match. */
function generator(random: () => number) {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const some = <T>(least: number, most: number, make: () => T): T[] =>
    Array.from({ length: least + Math.floor(random() * (most - least + 1)) }, make);
  const word = (): string => some(0, 3, () => pick(['a', 'b', 'A', 'é', '*', '\\'])).join('');
  const number = (): string =>
    pick([
      '0',
      '1',
      '1.0',
      '1e0',
      '-1',
      '5e-8',
      '2.5',
      '300',
      '3.0e2',
      '9007199254740993',
      '9007199254740992',
    ]);
  const small = (): string => pick(['0', '1', '1.0', '-1', '2.5', '300']);
  const scalar = (): string =>
    pick([() => JSON.stringify(word()), number, () => 'true', () => 'false', () => 'null'])();
  const address = (): string =>
    pick(['10.0.0.1', '10.1.0.1', '11.0.0.1', '2001:db8::1', '2001:db9::1', '::1']);
  const keys = ['x', 'y', 'z'];
  const wildcard = (): string =>
    some(1, 4, () => pick(['a', 'b', '*', '\\*', '\\\\']))
      .join('')
      .replace(/(?<!\\)\*(?=\*)/g, '');
  const list = (make: () => string): string => `[${some(1, 2, make).join(',')}]`;
  const wordJson = (): string => JSON.stringify(word());
  const filledJson = (): string => JSON.stringify(`${word()}a`);
  const condition = (): string =>
    pick([
      scalar,
      scalar,
      () => `{"prefix":${wordJson()}}`,
      () => `{"suffix":${wordJson()}}`,
      () => `{"prefix":{"equals-ignore-case":${filledJson()}}}`,
      () => `{"suffix":{"equals-ignore-case":${filledJson()}}}`,
      () => `{"equals-ignore-case":${wordJson()}}`,
      () => `{"wildcard":${JSON.stringify(wildcard())}}`,
      () => `{"exists":${random() < 0.5}}`,
      () => `{"numeric":["${pick(['=', '<', '<=', '>', '>='])}",${small()}]}`,
      () => `{"numeric":[">",-1,"<=",2.5]}`,
      () => `{"cidr":"${pick(['10.0.0.0/8', '10.0.0.0/31', '2001:db8::/32', '2001:db8::/127'])}"}`,
      () => `{"anything-but":${pick([wordJson, small])()}}`,
      () => `{"anything-but":${list(wordJson)}}`,
      () => `{"anything-but":${list(small)}}`,
      () => `{"anything-but":{"prefix":${filledJson()}}}`,
      () => `{"anything-but":{"suffix":${list(filledJson)}}}`,
      () => `{"anything-but":{"equals-ignore-case":${list(filledJson)}}}`,
      () => `{"anything-but":{"wildcard":${JSON.stringify(`${wildcard()}a`)}}}`,
    ])();
  const object = (members: readonly string[]): string => `{${members.join(',')}}`;
  const fieldsOf = (names: readonly string[], depth: number): string[] =>
    names.map((name) => {
      const leaf = depth === 0 || random() < 0.7;
      return `${JSON.stringify(name)}:${leaf ? list(condition) : pattern(depth - 1)}`;
    });
  // If a path is both inside and outside of a $or, Ruler ignores the one outside. So the keys differ.
  const pattern = (depth: number): string => {
    if (random() > 0.25)
      return object(
        fieldsOf(
          keys
            .filter(() => random() < 0.5)
            .concat('x')
            .filter(unique),
          depth,
        ),
      );
    const branches = [['x'], ['y'], ['x', 'y']].slice(0, 2 + Math.floor(random() * 1.3));
    const or = `"$or":[${branches.map((names) => object(fieldsOf(names, depth))).join(',')}]`;
    return object(random() < 0.5 ? [or] : [...fieldsOf(['z'], depth), or]);
  };
  const value = (depth: number): string => {
    const kind = depth === 0 ? 0 : random();
    if (kind < 0.35) return random() < 0.15 ? JSON.stringify(address()) : scalar();
    if (kind < 0.65) return `[${some(0, 3, () => value(depth - 1)).join(',')}]`;
    return object(
      keys.filter(() => random() < 0.6).map((name) => `${JSON.stringify(name)}:${value(depth - 1)}`),
    );
  };
  return (): Pair => {
    const data = object(
      keys.filter(() => random() < 0.8).map((name) => `${JSON.stringify(name)}:${value(3)}`),
    );
    return { rule: `{"data":${pattern(2)}}`, event: `{"source":"s","data":${data}}` };
  };
}

const unique = (name: string, index: number, names: readonly string[]): boolean =>
  names.indexOf(name) === index;

/** Ruler compares numbers of more than 15 digits only as texts. Sluice compares their values. */
const hasWantedDifference = ({ rule, event }: Pair): boolean =>
  rule.includes('numeric') && event.includes('900719925474099');

test(`${PAIRS.toLocaleString('en')} generated patterns and events have the verdict of Event Ruler (seed ${SEED})`, async (t) => {
  if (java === undefined) return t.skip('Java or Maven is not available');
  const random = seededRandom(SEED);
  const pairs = Array.from({ length: PAIRS }, generator(random));
  const theirs = await verdictsOfRuler(pairs);
  const counts = new Map<string, number>();
  const differences = pairs.flatMap((pair, index) => {
    const [ours, ruler = ''] = [verdictOfSluice(pair), theirs[index]];
    const kind = ruler.startsWith('refused') ? 'refused' : ruler;
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
    // Sluice also accepts patterns that Ruler refuses, such as numbers of 16 digits in anything-but.
    if (ours === ruler || kind === 'refused' || hasWantedDifference(pair)) return [];
    return [`${pair.rule}  ${pair.event}: Sluice ${ours}, Ruler ${ruler}`];
  });
  t.diagnostic([...counts].map(([kind, count]) => `${kind}: ${count}`).join(', '));
  assert.ok((counts.get('true') ?? 0) > PAIRS / 20, 'too few patterns match');
  assert.deepEqual(differences.slice(0, 10), []);
});
