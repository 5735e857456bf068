import assert from 'node:assert/strict';
import { test } from 'node:test';
import ts from 'typescript';
import { loadScript } from './load.ts';

const { kinds, mutantsOf } = await loadScript('mutate/mutators');

/** Returns the code with each mutant of this kind, without line ends. */
function mutated(kind: string, code: string): string[] {
  const host = ts.createCompilerHost({});
  const file = ts.createSourceFile('code.ts', code, ts.ScriptTarget.ES2022, true);
  const read = host.getSourceFile;
  host.getSourceFile = (name, ...rest) => (name === 'code.ts' ? file : read(name, ...rest));
  const program = ts.createProgram(['code.ts'], { target: ts.ScriptTarget.ES2022, types: [] }, host);
  return [...mutantsOf(file, program.getTypeChecker())]
    .filter((mutant) => mutant.kind === kind)
    .map(({ start, end, text }) => (code.slice(0, start) + text + code.slice(end)).replaceAll('\n', ' '));
}

const declared =
  'declare const a: number, b: number, s: string, t: string; declare function f(...x: unknown[]): Promise<void>; ';

const cases: readonly (readonly [kind: string, code: string, mutants: readonly string[]])[] = [
  ['condition inverted', 'if (a > b) f();', ['if (!(a > b)) f();']],
  ['condition inverted', 'while (a > b) f();', ['while (!(a > b)) f();']],
  ['condition inverted', 'f(a > b ? 1 : 2);', ['f(!(a > b) ? 1 : 2);']],
  ['condition at its boundary', 'f(a < b);', ['f(a <= b);']],
  ['condition at its boundary', 'f(a <= b);', ['f(a < b);']],
  ['condition at its boundary', 'f(a > b);', ['f(a >= b);']],
  ['condition at its boundary', 'f(a >= b);', ['f(a > b);']],
  ['condition at its boundary', 'f(a === b);', []],
  ['and exchanged with or', 'f(a && b);', ['f(((a) || (b)));']],
  ['and exchanged with or', 'f(a || b);', ['f(((a) && (b)));']],
  ['and exchanged with or', 'f(a ?? b);', []],
  ['guard removed', 'for (;;) { if (a > b) break; }', ['for (;;) { ; }']],
  ['guard removed', 'for (;;) { if (a > b) { f(); continue; } }', ['for (;;) { ; }']],
  ['guard removed', 'if (a > b) f();', []],
  ['guard removed', 'for (;;) { if (a > b) break; else f(); }', []],
  ['arithmetic operator exchanged', 'f(a + b);', ['f(a - b);']],
  ['arithmetic operator exchanged', 'f(a * b);', ['f(a / b);']],
  ['arithmetic operator exchanged', 'f(s + t);', []],
  ['call dropped', 'f(a);', [';']],
  ['call dropped', 'async () => { await f(a); };', ['async () => { ; };']],
  ['call dropped', 'console.log(a);', []],
  ['call dropped', 'const x = f(a);', []],
  ['await dropped', 'async () => { await f(a); };', ['async () => { void f(a); };']],
  [
    'await dropped',
    'async () => { try { return await f(); } finally {} };',
    ['async () => { try { return f(); } finally {} };'],
  ],
  ['await dropped', 'async () => { return await f(); };', []],
  ['error swallowed', 'throw new Error();', [';']],
  ['error of another class', 'throw new InvalidInput(s, t);', ['throw new Unavailable(s, t);']],
  ['error of another class', 'throw new Error(s);', []],
  ['effects exchanged', 'f(a); f(b);', ['f(b); f(a);']],
  ['effects exchanged', 'f(a); const x = 1;', []],
  ['arguments exchanged', 'f(a, b);', ['f(b, a);']],
  ['arguments exchanged', 'f(a, s, t);', ['f(a, t, s);']],
  ['arguments exchanged', 'f(a, a);', []],
  ['cleanup removed', 'try { f(); } finally { f(a); }', ['try { f(); } finally {}']],
  ['cleanup removed', 'try { f(); } finally {}', []],
  ['boolean exchanged', 'f(true, false);', ['f(false, false);', 'f(true, true);']],
  ['boolean exchanged', 'let x: true;', []],
];
for (const [kind, code, expected] of cases) {
  test(`${kind}: ${code} has ${expected.length === 0 ? 'no mutant' : expected.length}`, () => {
    const found = mutated(kind, declared + code).map((text) => text.replace(declared, ''));
    assert.deepEqual(found.sort(), [...expected].sort());
  });
}

test('every kind of mistake is tested here', () => {
  assert.deepEqual([...new Set(cases.map(([kind]) => kind))].sort(), [...kinds].sort());
});
