/**
 * The mistakes that `npm run mutate` puts into the code. Each mutator is called for every node of a file, and yields
 * replacements of a range of the text.
 */
import ts from 'typescript';

const COMPARISONS = {
  [ts.SyntaxKind.LessThanToken]: '<=',
  [ts.SyntaxKind.LessThanEqualsToken]: '<',
  [ts.SyntaxKind.GreaterThanToken]: '>=',
  [ts.SyntaxKind.GreaterThanEqualsToken]: '>',
};
const LOGICAL = {
  [ts.SyntaxKind.AmpersandAmpersandToken]: '||',
  [ts.SyntaxKind.BarBarToken]: '&&',
};
const ARITHMETIC = {
  [ts.SyntaxKind.PlusToken]: '-',
  [ts.SyntaxKind.MinusToken]: '+',
  [ts.SyntaxKind.AsteriskToken]: '/',
  [ts.SyntaxKind.SlashToken]: '*',
};

/** A failure that may be retried, and one that may not. */
const ERROR_CLASSES = { InvalidInput: 'Unavailable', Unavailable: 'InvalidInput' };

/** Calls that only inform a person. No test has to notice that one of them is missing. */
const INFORMS = /^(console|process\.std(out|err)|(.*\.)?(log|logger))\b/;

const mutators = {
  /** `if (a)` becomes `if (!(a))`. */
  'condition inverted': function* (node) {
    const condition =
      ts.isIfStatement(node) || ts.isWhileStatement(node)
        ? node.expression
        : ts.isConditionalExpression(node)
          ? node.condition
          : undefined;
    if (condition !== undefined) yield replace(condition, `!(${condition.getText()})`);
  },
  /** `a < b` becomes `a <= b`. */
  'condition at its boundary': function* (node) {
    if (ts.isBinaryExpression(node) && node.operatorToken.kind in COMPARISONS)
      yield replace(node.operatorToken, COMPARISONS[node.operatorToken.kind]);
  },
  /** `a && b` becomes `a || b`. */
  'and exchanged with or': function* (node) {
    if (ts.isBinaryExpression(node) && node.operatorToken.kind in LOGICAL) {
      const text = `(${node.left.getText()}) ${LOGICAL[node.operatorToken.kind]} (${node.right.getText()})`;
      yield replace(node, `(${text})`);
    }
  },
  /** `if (a) return;` is removed. */
  'guard removed': function* (node) {
    if (ts.isIfStatement(node) && node.elseStatement === undefined && leaves(node.thenStatement))
      yield replace(node, ';');
  },
  /** `a + b` of numbers becomes `a - b`. */
  'arithmetic operator exchanged': function* (node, { isNumber }) {
    if (!ts.isBinaryExpression(node) || !(node.operatorToken.kind in ARITHMETIC)) return;
    if (isNumber(node.left) && isNumber(node.right))
      yield replace(node.operatorToken, ARITHMETIC[node.operatorToken.kind]);
  },
  /** The statement `f(a);` is removed. */
  'call dropped': function* (node) {
    const call = callOf(node);
    if (call !== undefined && !INFORMS.test(call.expression.getText())) yield replace(node, ';');
  },
  /** `await f();` becomes `void f();`, and `return await f()` in a `try` becomes `return f()`. */
  'await dropped': function* (node) {
    if (!ts.isAwaitExpression(node)) return;
    const { parent } = node;
    const isAlone = ts.isExpressionStatement(parent);
    if (isAlone || (ts.isReturnStatement(parent) && isInTry(parent)))
      yield replace(node, isAlone ? `void ${node.expression.getText()}` : node.expression.getText());
  },
  /** `throw error;` is removed. */
  'error swallowed': function* (node) {
    if (ts.isThrowStatement(node)) yield replace(node, ';');
  },
  /** `new InvalidInput(…)` becomes `new Unavailable(…)`. */
  'error of another class': function* (node) {
    if (ts.isNewExpression(node) && node.expression.getText() in ERROR_CLASSES)
      yield replace(node.expression, ERROR_CLASSES[node.expression.getText()]);
  },
  /** Two neighbouring statements with effects change their order. */
  'effects exchanged': function* (node) {
    if (!ts.isBlock(node) && !ts.isSourceFile(node)) return;
    for (const [at, first] of node.statements.entries()) {
      const second = node.statements[at + 1];
      if (second === undefined || !hasEffect(first) || !hasEffect(second)) continue;
      const text = `${second.getText()}\n${first.getText()}`;
      yield { start: first.getStart(), end: second.end, text };
    }
  },
  /** `f(a, b)` becomes `f(b, a)` if both have the same type. */
  'arguments exchanged': function* (node, { sameType }) {
    if (!ts.isCallExpression(node) && !ts.isNewExpression(node)) return;
    // The order of these arguments has no effect.
    if (/^Math\.(min|max)$/.test(node.expression.getText())) return;
    for (const [at, first] of (node.arguments ?? []).entries()) {
      const second = node.arguments[at + 1];
      if (second === undefined || first.getText() === second.getText() || !sameType(first, second)) continue;
      yield { start: first.getStart(), end: second.end, text: `${second.getText()}, ${first.getText()}` };
    }
  },
  /** The statements of `finally` are removed. */
  'cleanup removed': function* (node) {
    if (ts.isTryStatement(node) && node.finallyBlock !== undefined && node.finallyBlock.statements.length > 0)
      yield replace(node.finallyBlock, '{}');
  },
  /** `true` becomes `false`. */
  'boolean exchanged': function* (node) {
    if (ts.isLiteralTypeNode(node.parent ?? node)) return;
    if (node.kind === ts.SyntaxKind.TrueKeyword) yield replace(node, 'false');
    if (node.kind === ts.SyntaxKind.FalseKeyword) yield replace(node, 'true');
  },
};

export const kinds = Object.keys(mutators);

/**
 * Yields the mutants of a file as `{kind, start, end, text}`, with offsets in its text. `checker` is the type checker
 * of TypeScript. Some mutants may not compile.
 */
export function* mutantsOf(sourceFile, checker) {
  const isNumber = (node) => (checker.getTypeAtLocation(node).flags & ts.TypeFlags.NumberLike) !== 0;
  const typeOf = (node) =>
    checker.typeToString(checker.getBaseTypeOfLiteralType(checker.getTypeAtLocation(node)));
  const types = { isNumber, sameType: (a, b) => typeOf(a) === typeOf(b) };
  const nodes = [sourceFile];
  while (nodes.length > 0) {
    const node = nodes.pop();
    for (const [kind, mutate] of Object.entries(mutators))
      for (const change of mutate(node, types)) yield { kind, ...change };
    ts.forEachChild(node, (child) => void nodes.push(child));
  }
}

const replace = (node, text) => ({ start: node.getStart(), end: node.end, text });

/** The call of a statement such as `f();` or `await f();`. */
function callOf(node) {
  if (!ts.isExpressionStatement(node)) return undefined;
  const { expression } = node;
  const inner =
    ts.isAwaitExpression(expression) || ts.isVoidExpression(expression) ? expression.expression : expression;
  return ts.isCallExpression(inner) ? inner : undefined;
}

function hasEffect(statement) {
  const call = callOf(statement);
  return call !== undefined && !INFORMS.test(call.expression.getText());
}

/** Checks whether a statement ends with `return`, `throw`, `continue` or `break`. */
function leaves(statement) {
  const last = ts.isBlock(statement) ? statement.statements.at(-1) : statement;
  return (
    last !== undefined &&
    (ts.isReturnStatement(last) ||
      ts.isThrowStatement(last) ||
      ts.isContinueStatement(last) ||
      ts.isBreakStatement(last))
  );
}

function isInTry(node) {
  for (let at = node; at.parent !== undefined && !ts.isFunctionLike(at); at = at.parent)
    if (ts.isTryStatement(at.parent) && at.parent.tryBlock === at) return true;
  return false;
}
