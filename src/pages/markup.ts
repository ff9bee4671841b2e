import { printable } from '../text/printable.ts';

/** Text that is already markup. Created by {@link html} and {@link trusted} only. */
export interface Markup {
  readonly markup: string;
}

/** Values allowed in a template. Text is escaped, markup kept, lists joined; `false` and `undefined` are empty. */
export type Content = string | number | Markup | false | undefined | readonly Content[];

/**
 * Renders a template. Text in it stays text: markup characters are escaped, and invisible characters and those that
 * reorder a line are spelled out.
 */
export function html(parts: TemplateStringsArray, ...contents: readonly Content[]): Markup {
  return { markup: String.raw({ raw: parts }, ...contents.map(toText)) };
}

/** Escapes text for use between tags and in quoted attributes. */
export function escaped(text: string): string {
  return printable(text).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Marks text as markup. Only for text of our own, such as a script or a style sheet. */
export function trusted(markup: string): Markup {
  return { markup };
}

function toText(content: Content): string {
  if (content === undefined || content === false) return '';
  if (typeof content === 'number') return String(content);
  if (typeof content === 'string') return escaped(content);
  if ('markup' in content) return content.markup;
  return content.map(toText).join('');
}
