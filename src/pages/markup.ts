import { printable } from '../text/printable.ts';

/** Text that is markup already. Only {@link html} makes it. */
export interface Markup {
  readonly markup: string;
}

/** What may stand in a template: text is escaped, markup stays, lists are joined, nothing is nothing. */
export type Content = string | number | Markup | false | undefined | readonly Content[];

/**
 * A template in which whatever comes from outside stays text: markup characters are escaped, and what would be invisible
 * or reorder the line is written out.
 */
export function html(parts: TemplateStringsArray, ...contents: readonly Content[]): Markup {
  return { markup: String.raw({ raw: parts }, ...contents.map(toText)) };
}

/** Text that may stand between tags and in quoted attributes. */
export function escaped(text: string): string {
  return printable(text).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** What we wrote ourselves, and holds nothing from outside: a script, a style sheet. */
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
