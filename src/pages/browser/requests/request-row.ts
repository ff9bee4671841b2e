import { printable } from '../../../text/printable.ts';
import { bytes, formatDuration } from '../../../text/quantity.ts';
import { verdictSigns } from '../../model/verdicts.ts';
import type { Row } from '../../model/row.ts';
import { timeLabel } from '../../ticks.ts';
import { make } from '../element.ts';
import { phasesText } from '../phases-text.ts';

/** Creates a row of the request table. Texts from outside stay text. */
export function requestRow(row: Row, runStartMs: number): HTMLTableRowElement {
  const { verdict, label, elapsedMs, attempts, length, startMs } = row;
  const { sign, name } = verdictSigns[verdict];
  const mark = make('span', `sign sign-${verdict}`, sign);
  mark.title = name;
  mark.setAttribute('role', 'img');
  mark.setAttribute('aria-label', name);
  const started = startMs === undefined ? 'not sent' : `+${timeLabel(startMs - runStartMs, 1)}`;
  return make(
    'tr',
    '',
    make('td', 'outcome', mark, ' ', make('span', 'label', printable(label))),
    make('td', 'number', formatDuration(elapsedMs)),
    make('td', 'number tries', String(attempts)),
    make('td', 'number', bytes(length)),
    make('td', 'number started', started),
    requestCell(row),
  );
}

function requestCell({ url, method, index, message, timings, href }: Row): HTMLTableCellElement {
  const shown = printable(url);
  const line = make(
    'div',
    'url',
    method === 'GET' ? '' : `${printable(method)} `,
    isWeb(url) ? link(url, shown) : shown,
  );
  const details = [`#${index}`, message === undefined ? '' : printable(message), phasesText(timings)];
  const text = details.filter((part) => part !== '').join(' · ');
  const saved = href === undefined ? [] : [' · ', link(href, 'saved file')];
  return make('td', 'request', line, make('div', 'muted small', text, ...saved));
}

/** Creates a link that sends no referrer. */
function link(url: string, shown: string): HTMLAnchorElement {
  const made = make('a', '', shown);
  made.href = url;
  made.rel = 'noreferrer noopener';
  made.target = '_blank';
  return made;
}

/** Returns true for web URLs that are safe to open. A shortened URL leads nowhere. */
function isWeb(url: string): boolean {
  if (url.includes('…') || !/^https?:\/\//i.test(url)) return false;
  const parsed = URL.parse(url);
  return parsed !== null && (parsed.protocol === 'http:' || parsed.protocol === 'https:');
}
