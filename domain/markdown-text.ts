import { singleLine } from './hidden-characters.ts';

/** Characters that start or end Markdown or HTML. `_` inside a word is text, and ids often contain it. */
const MARKUP = /[\\`*[\]<>&!|~#]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])|:(?=\/\/)|(?<=^|\W)www(?=\.)/giu;

/**
 * Returns text from outside as one line of Markdown that shows exactly this text, cut to `width` characters. Temporal's
 * UI shows summaries and details of runs as Markdown, so a sender could otherwise put links and pictures there.
 */
export function markdownText(text: string, width: number): string {
  // `www.` becomes a link, too. A backslash before the dot prevents this.
  return singleLine(text, width).replace(MARKUP, (found) =>
    found.toLowerCase() === 'www' ? `${found}\\` : `\\${found}`,
  );
}
