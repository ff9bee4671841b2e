import robotsParser from 'robots-parser';
import { printable } from '../text/printable.ts';

/** The rules of one robots.txt for one user agent (RFC 9309). */
export interface RobotsRules {
  /** Milliseconds from one start to the next that `Crawl-delay` asks for; 0 without it. */
  readonly crawlDelayMs: number;
  /** Characters of the rules. */
  readonly size: number;
  /** Returns the rule that denies a path with its query: `line 12: disallow: /private (for *)`; undefined if none does. */
  denialOf(path: string): string | undefined;
}

/**
 * Reads the rules for a user agent, given as a product token such as `fetchmany`. Everything is allowed that is not
 * denied, and anything may stand in the text.
 *
 * robots-parser matches and weighs the rules. This pass gives it what RFC 9309 and Google's parser read in a file: other
 * lines do not divide a group, names end at a blank, colons may be missing, and needless escapes are none.
 */
export function parseRobotsTxt(text: string, userAgent: string): RobotsRules {
  const group = readGroup(linesOf(text), userAgent.toLowerCase());
  const rules = withBoundedWildcards(group.rules);
  const lines = rules.map(({ isAllowed, pattern }) => `${isAllowed ? 'allow' : 'disallow'}: ${pattern}`);
  // The only group of the file that robots-parser gets, at an origin of no meaning.
  const robots = parse(`${origin}/robots.txt`, ['user-agent: *', ...lines].join('\n'));
  const steps = rules.reduce((count, { pattern }) => count + wildcardsOf(pattern) + 1, 0);
  let [lastPath, lastDenial]: [string, string | undefined] = ['/robots.txt', undefined];
  function denialOf(path: string): string | undefined {
    if (path === '/robots.txt') return undefined;
    if (path.length * steps > maxSteps) return `is too long for a path of ${path.length} characters`;
    const url = origin + normalized(path).replaceAll('*', '%2A').replaceAll('$', '%24');
    if (robots.isAllowed(url, '*') !== false) return undefined;
    // The first line is that of the user agent.
    const rule = rules[robots.getMatchingLineNumber(url, '*') - 2]!;
    return `line ${rule.line}: disallow: ${shown(rule.given)} (for ${shown(group.agent)})`;
  }
  return {
    crawlDelayMs: group.crawlDelayMs,
    size: lines.reduce((size, line) => size + line.length, 0),
    denialOf(path) {
      // A request is asked about each time its turn comes.
      if (path !== lastPath) [lastPath, lastDenial] = [path, denialOf(path)];
      return lastDenial;
    },
  };
}

/** Its types say that it has a default export; at run time it is the function itself. */
const parse = robotsParser as unknown as typeof robotsParser.default;

const origin = 'http://robots.invalid';

interface Line {
  /** Number of the line, from 1. */
  readonly number: number;
  readonly name: 'user-agent' | 'allow' | 'disallow' | 'crawl-delay';
  readonly value: string;
}

interface Rule {
  /** Number of the line, from 1. */
  readonly line: number;
  readonly isAllowed: boolean;
  readonly given: string;
  readonly pattern: string;
}

const names: ReadonlyMap<string, Line['name']> = new Map([
  ['user-agent', 'user-agent'],
  ['useragent', 'user-agent'],
  ['user agent', 'user-agent'],
  ['allow', 'allow'],
  ['disallow', 'disallow'],
  // As often misspelled; Google reads them as well.
  ['dissallow', 'disallow'],
  ['dissalow', 'disallow'],
  ['disalow', 'disallow'],
  ['diasllow', 'disallow'],
  ['disallaw', 'disallow'],
  ['crawl-delay', 'crawl-delay'],
]);

function linesOf(text: string): Line[] {
  return text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\r|\n/)
    .flatMap((line, at) => lineOf(line, at + 1));
}

function lineOf(text: string, number: number): Line[] {
  const end = text.indexOf('#');
  const line = (end < 0 ? text : text.slice(0, end)).trim();
  const colon = line.indexOf(':');
  // Without a colon, a name and a value with nothing else.
  const [first = '', second = '', ...more] = colon < 0 ? line.split(/\s+/, 3) : [];
  if (colon < 0 && (second === '' || more.length > 0)) return [];
  const name = names.get((colon < 0 ? first : line.slice(0, colon)).trim().toLowerCase());
  const value = colon < 0 ? second : line.slice(colon + 1).trim();
  return name === undefined ? [] : [{ number, name, value }];
}

interface Group {
  /** The user agent whose group it is: the one that was asked for, or `*`. */
  readonly agent: string;
  readonly rules: readonly Rule[];
  readonly crawlDelayMs: number;
}

/** Returns the rules of all groups for a user agent; of those for `*` if there is none. */
function readGroup(lines: readonly Line[], userAgent: string): Group {
  const own = rulesFor(userAgent, lines);
  return own ?? rulesFor('*', lines) ?? { agent: '*', rules: [], crawlDelayMs: 0 };
}

function rulesFor(agent: string, lines: readonly Line[]): Group | undefined {
  const rules: Rule[] = [];
  let crawlDelayMs = 0;
  let [isNamed, isMeant, isAfterRule] = [false, false, true];
  for (const { number, name, value } of lines) {
    switch (name) {
      case 'user-agent':
        if (isAfterRule) isMeant = false;
        isMeant ||= tokenOf(value) === agent;
        isNamed ||= isMeant;
        isAfterRule = false;
        break;
      case 'crawl-delay':
        if (isMeant && isDelay(value)) crawlDelayMs = Number(value) * 1000;
        break;
      default:
        isAfterRule = true;
        if (isMeant && value !== '')
          rules.push({ line: number, isAllowed: name === 'allow', given: value, pattern: patternOf(value) });
    }
  }
  return isNamed ? { agent, rules, crawlDelayMs } : undefined;
}

/** A user agent may be given with a version, or with more words. */
function tokenOf(value: string): string {
  return /^[^\s/]*/.exec(value)![0].toLowerCase();
}

function isDelay(value: string): boolean {
  return /^\d+(?:\.\d+)?$|^\.\d+$/.test(value);
}

/** A `$` means the end of the path only at the end of a rule. */
function patternOf(value: string): string {
  return normalized(value)
    .replaceAll(/\*{2,}/g, '*')
    .replaceAll(/\$(?!$)/g, '%24');
}

/** Writes equal paths alike: escapes in upper case and only where they are needed, others as escapes. */
function normalized(path: string): string {
  const plain = path.replaceAll(/%[0-9a-f]{2}/gi, (escape) => {
    const character = String.fromCharCode(Number.parseInt(escape.slice(1), 16));
    return /[\w.~-]/.test(character) ? character : escape.toUpperCase();
  });
  return encodeURI(plain.toWellFormed()).replaceAll('%25', '%');
}

/**
 * Wildcards of all rules together. Each costs a pass over the path, and a file of nothing else would stop the process for
 * each URL.
 */
const maxWildcards = 10_000;

/** Beyond so many wildcards a rule that denies ends at its first one, which denies more, and one that allows is dropped. */
function withBoundedWildcards(rules: readonly Rule[]): Rule[] {
  let left = maxWildcards;
  return rules.flatMap((rule) => {
    const count = wildcardsOf(rule.pattern);
    left -= count;
    if (count === 0 || left >= 0) return [rule];
    return rule.isAllowed ? [] : [{ ...rule, pattern: rule.pattern.slice(0, rule.pattern.indexOf('*') + 1) }];
  });
}

function wildcardsOf(pattern: string): number {
  return pattern.split('*').length - 1;
}

/** Characters of a path that are compared, over all rules and wildcards: about a tenth of a second. */
const maxSteps = 50_000_000;

const maxShownLength = 100;

function shown(text: string): string {
  return printable(text.length <= maxShownLength ? text : `${text.slice(0, maxShownLength)}...`);
}
