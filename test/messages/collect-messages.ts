import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

/** The sections of the table of messages, and the source files whose messages belong to each section. */
const SECTIONS: readonly { readonly title: string; readonly paths: readonly string[] }[] = [
  { title: 'Settings', paths: ['runtime/', 'gateway/config.ts', 'worker/config.ts', 'source/config.ts'] },
  { title: 'Routes and senders', paths: ['gateway/routes/', 'gateway/senders/', 'domain/event-pattern'] },
  { title: 'Gateway answers', paths: ['gateway/'] },
  { title: 'Api problems', paths: ['api/'] },
  { title: 'Command line', paths: ['cli/'] },
  { title: 'Source', paths: ['source/', 'ots/'] },
  {
    title: 'Worker and failures of runs',
    paths: ['worker/', 'workflows/', 'activities/', 'adapters/', 'domain/'],
  },
  { title: 'Local services', paths: ['local/'] },
];

const SOURCE = /(?<!\.d)\.ts$/;
/** Data and generated types. */
const GENERATED = /^(?:api\/openapi-types|domain\/catalogue\/place-rows)\.ts$/;
/** Two words, or a word and a placeholder. Anything shorter is a name or a code, not a sentence. */
const PROSE = /[A-Za-z]{2,}[,;:]? [A-Za-z({]|\} [A-Za-z]{2,}/;
/** Help texts of commands, wire schemas, media types and queries are not messages. */
const OTHER = /\n|^syntax |^\w+\/|\b(?:WorkflowType|ExecutionStatus) ?=/;

function sourceFiles(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return sourceFiles(root, path);
    return SOURCE.test(path) && !GENERATED.test(path) ? [path] : [];
  });
}

/** Returns a placeholder with the last name in the expression, which describes the inserted value best. */
function placeholder(expression: ts.Expression, source: ts.SourceFile): string {
  const names = expression.getText(source).match(/[A-Za-z_]\w*/g) ?? [];
  return `{${names.at(-1) ?? '…'}}`;
}

/** The text of a string or template; undefined for other nodes and for imports. */
function textOf(node: ts.Node, source: ts.SourceFile): string | undefined {
  if (ts.isImportDeclaration(node.parent ?? node)) return undefined;
  if (ts.isStringLiteralLike(node)) return node.text;
  if (!ts.isTemplateExpression(node)) return undefined;
  const spans = node.templateSpans.map(
    ({ expression, literal }) => placeholder(expression, source) + literal.text,
  );
  return node.head.text + spans.join('');
}

function messagesIn(root: string, path: string): string[] {
  const source = ts.createSourceFile(
    path,
    readFileSync(join(root, path), 'utf8'),
    ts.ScriptTarget.Latest,
    true,
  );
  const messages: string[] = [];
  const visit = (node: ts.Node): void => {
    const text = textOf(node, source);
    if (text !== undefined && PROSE.test(text) && !OTHER.test(text.trim())) messages.push(text);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return messages;
}

/**
 * Returns the list of all messages as Markdown: one sorted section for each kind, with `{…}` for each inserted value.
 */
export function messageList(root: string): string {
  const folders = new Set(SECTIONS.flatMap(({ paths }) => paths.map((path) => path.split('/')[0] ?? '')));
  const files = [...folders].flatMap((folder) => sourceFiles(root, folder));
  const sectionOf = (file: string) =>
    SECTIONS.find(({ paths }) => paths.some((path) => file.startsWith(path)));
  const sections = SECTIONS.map((section) => {
    const own = files.filter((file) => sectionOf(file) === section);
    const messages = [...new Set(own.flatMap((file) => messagesIn(root, file)))].sort();
    return [`## ${section.title}`, '', ...messages.map((message) => `- ${message}`), ''].join('\n');
  });
  return ['# Every message that a user can read', '', ...sections].join('\n');
}
