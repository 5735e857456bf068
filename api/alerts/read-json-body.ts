import type { IncomingMessage } from 'node:http';
import { messageOf, Unavailable } from '../../domain/errors.ts';
import { isObject, shortJson } from '../../domain/event-pattern/pattern-error.ts';
import { invalidFields, Problem } from '../problem.ts';
import { loneSurrogates } from './lone-surrogates.ts';

const MAX_BYTES = 64 * 1_024;

/** Deeper texts would fill the stack of functions that visit every value. No request has more levels. */
const MAX_DEPTH = 32;

const JSON_TYPE = /^application\/json[ \t]*(?:;[ \t]*charset="?utf-8"?[ \t]*)?$/i;

/**
 * Reads the body of a request as JSON. The body may have at most 64 KiB, and must be `application/json` without content
 * encoding. Each text in it must be valid Unicode. Read the body only after the token is checked.
 */
export async function readJsonBody(req: IncomingMessage): Promise<unknown> {
  requireJson(req);
  return parseBody(await readBytes(req));
}

function requireJson(req: IncomingMessage): void {
  const type = headerOf(req, 'content-type');
  if (!JSON_TYPE.test(type.slice(0, 100)))
    throw new Problem(
      'unsupported-media-type',
      'the body must be JSON: Content-Type must be application/json',
    );
  const encoding = headerOf(req, 'content-encoding');
  if (encoding !== '' && encoding.toLowerCase() !== 'identity')
    throw new Problem('unsupported-media-type', 'the body must not be compressed: remove Content-Encoding');
}

/**
 * Reads the body of a request that has no fields. No body and an empty object are accepted. A field is refused, because it has
 * no effect, which its sender does not expect.
 */
export async function readNoFields(req: IncomingMessage): Promise<void> {
  const bytes = await readBytes(req);
  if (bytes.length === 0) return;
  requireJson(req);
  const body = parseBody(bytes);
  if (!isObject(body)) throw badBody('the body must be absent or {}');
  const problems = Object.keys(body).map((name) => ({
    name,
    detail: `${shortJson(name)} is an unknown field; this path has no fields`,
  }));
  if (problems.length > 0) throw invalidFields(problems);
}

/** Reads a header as it was sent. `req.headers` has no Content-Type, because the api hides it from the validator. */
function headerOf({ rawHeaders }: IncomingMessage, name: string): string {
  const at = rawHeaders.findIndex((text, index) => index % 2 === 0 && text.toLowerCase() === name);
  return at < 0 ? '' : (rawHeaders[at + 1] ?? '').trim();
}

async function readBytes(req: IncomingMessage): Promise<Buffer> {
  if (Number(req.headers['content-length'] ?? 0) > MAX_BYTES) throw tooLarge(req);
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of req.iterator({ destroyOnReturn: false })) {
      bytes += chunk.length;
      if (bytes > MAX_BYTES) break;
      chunks.push(chunk);
    }
  } catch (error) {
    throw new Unavailable('ClientGone', `the body ended early: ${messageOf(error)}`);
  }
  if (bytes > MAX_BYTES) throw tooLarge(req);
  return Buffer.concat(chunks);
}

/** Discards the rest of the body. If the connection were closed at once, the client would not get the answer. */
function tooLarge(req: IncomingMessage): Problem {
  req.resume();
  const headers = { Connection: 'close' };
  return new Problem('content-too-large', `the body has more than ${MAX_BYTES} bytes`, { headers });
}

function parseBody(bytes: Buffer): unknown {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    if (depthOf(text) > MAX_DEPTH) throw badBody(`the body has more than ${MAX_DEPTH} levels`);
    const body: unknown = JSON.parse(text);
    const problems = loneSurrogates(body);
    if (problems.length > 0) throw invalidFields(problems);
    return body;
  } catch (error) {
    // The message of `JSON.parse` has a piece of the body, which may be a secret.
    throw error instanceof Problem ? error : badBody('the body is not JSON in UTF-8');
  }
}

const badBody = (detail: string): Problem =>
  new Problem('invalid-parameter', detail, { errors: [{ in: 'body', name: 'body', detail }] });

/** Returns how many lists and objects are inside each other, at most. */
function depthOf(text: string): number {
  let [depth, deepest, isText] = [0, 0, false];
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (isText) {
      if (character === '\\') index++;
      else if (character === '"') isText = false;
    } else if (character === '"') isText = true;
    else if (character === '[' || character === '{') deepest = Math.max(deepest, ++depth);
    else if (character === ']' || character === '}') depth--;
  }
  return deepest;
}
