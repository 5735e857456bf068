import type { ReceivedMessage } from './received-messages.ts';

const STYLE = `
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { margin: 0 auto; max-width: 44rem; padding: 1rem; }
article { border: 1px solid #8884; border-radius: .6rem; margin: 1rem 0; padding: .2rem 1rem; }
header { color: #888; font-size: .85em; margin-top: .5rem; }
h3 { font-size: 1.1em; margin: .5rem 0; }
blockquote { border-left: 3px solid #8886; color: #888; margin: .5rem 0; padding-left: .7rem; }
p { margin: .5rem 0; overflow-wrap: anywhere; }
`;

/** Shows the received messages, the newest first, roughly as a chat client shows them. */
export function receivedPage(messages: readonly ReceivedMessage[]): string {
  const articles = [...messages]
    .reverse()
    .map(
      ({ at, kind, to, title, text }) =>
        `<article><header>${escapeHtml(`${kind} ${to} · ${at}`)}</header><p><strong>${escapeHtml(title)}</strong></p>${markdownHtml(text)}</article>`,
    );
  const content = articles.length === 0 ? '<p>No message has been received.</p>' : articles.join('\n');
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Local channels</title><style>${STYLE}</style><h1>Local channels</h1><p>${messages.length} messages</p>${content}</html>`;
}

/** The Markdown that DingTalk shows: headings, bold text, quotations. Tables and HTML are text. */
function markdownHtml(markdown: string): string {
  return markdown
    .split(/\n{2,}/)
    .map((block) => {
      const heading = /^#{1,6} (.*)$/s.exec(block);
      if (heading !== null) return `<h3>${inlineHtml(heading[1] ?? '')}</h3>`;
      const quotation = /^> ?(.*)$/s.exec(block);
      if (quotation !== null) return `<blockquote>${inlineHtml(quotation[1] ?? '')}</blockquote>`;
      return `<p>${inlineHtml(block)}</p>`;
    })
    .join('\n');
}

/** The character after a backslash has no special meaning. */
const ESCAPED = /\\([!-/:-@[-`{-~])/g;
const BOLD = /\*\*([^*\n]{1,200})\*\*/g;

function inlineHtml(text: string): string {
  const kept: string[] = [];
  const hidden = text.replace(ESCAPED, (_, character: string) => {
    kept.push(character);
    return '\ufdd0';
  });
  return escapeHtml(hidden)
    .replace(BOLD, '<strong>$1</strong>')
    .replaceAll('\n', '<br>')
    .replaceAll('\ufdd0', () => escapeHtml(kept.shift() ?? ''));
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

const escapeHtml = (text: string): string =>
  text.replace(/[&<>"]/g, (character) => ENTITIES[character] ?? '');
