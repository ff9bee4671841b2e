import { describe, expect, test } from 'vitest';
import { parseRobotsTxt } from '../../src/http/robots-txt.ts';

const isAllowed = (text: string, path: string, agent = 'fetchmany'): boolean =>
  parseRobotsTxt(text, agent).denialOf(path) === undefined;

/** What it shows, the file, the path, whether it is allowed, and the user agent if it is not `fetchmany`. */
type Case = readonly [what: string, file: string, path: string, isAllowed: boolean, agent?: string];

const star = (...rules: readonly string[]): string => ['User-agent: *', ...rules].join('\n');

/** RFC 9309, sections 2.1 to 2.2. */
const groups: readonly Case[] = [
  ['an empty file allows everything', '', '/a', true],
  ['a file of comments allows everything', '# Disallow: /\n', '/a', true],
  ['the star group is for everybody', star('Disallow: /'), '/a', false],
  ['an own group is for its agent', 'User-agent: fetchmany\nDisallow: /', '/a', false],
  ['a group of another agent is not', 'User-agent: other\nDisallow: /', '/a', true],
  ['an own group comes before the star', `${star('Disallow: /')}\nUser-agent: fetchmany\nDisallow: /b`, '/a', true],
  ['and does not add to it', `${star('Disallow: /a')}\nUser-agent: fetchmany\nDisallow: /b`, '/a', true],
  ['wherever it stands', `User-agent: fetchmany\nDisallow: /b\n${star('Disallow: /')}`, '/b', false],
  ['names are compared without case', 'User-agent: FetchMany\nDisallow: /', '/a', false],
  ['so is the agent', 'User-agent: fetchmany\nDisallow: /', '/a', false, 'FETCHMANY'],
  ['a longer name is another one', 'User-agent: fetchmany-news\nDisallow: /', '/a', true],
  ['a shorter name is another one', 'User-agent: fetch\nDisallow: /', '/a', true],
  ['a version is not part of a name', 'User-agent: fetchmany/1.0\nDisallow: /', '/a', false],
  ['a group has several agents', 'User-agent: other\nUser-agent: fetchmany\nDisallow: /', '/a', false],
  ['in any order', 'User-agent: fetchmany\nUser-agent: other\nDisallow: /', '/a', false],
  ['a blank line does not end a group', 'User-agent: fetchmany\n\nDisallow: /', '/a', false],
  ['a rule ends the list of agents', 'User-agent: fetchmany\nDisallow: /b\nUser-agent: other\nDisallow: /', '/a', true],
  [
    'groups of one agent are one',
    'User-agent: fetchmany\nDisallow: /a\n\nUser-agent: other\nDisallow: /c\n\nUser-agent: fetchmany\nDisallow: /b',
    '/a',
    false,
  ],
  [
    'the second one too',
    'User-agent: fetchmany\nDisallow: /a\n\nUser-agent: other\nDisallow: /c\n\nUser-agent: fetchmany\nDisallow: /b',
    '/b',
    false,
  ],
  ['star groups are one', `${star('Disallow: /a')}\n${star('Disallow: /b')}`, '/a', false],
  ['a group without rules allows everything', `${star('Disallow: /')}\nUser-agent: fetchmany\n`, '/a', true],
  ['a rule before any agent is none', 'Disallow: /\nUser-agent: other\nDisallow: /', '/a', true],
  [
    'Sitemap does not divide a group',
    'User-agent: fetchmany\nSitemap: https://a.test/s.xml\nUser-agent: other\nDisallow: /',
    '/a',
    false,
  ],
  ['Host does not', 'User-agent: fetchmany\nHost: a.test\nUser-agent: other\nDisallow: /', '/a', false],
  ['Crawl-delay does not', 'User-agent: fetchmany\nCrawl-delay: 5\nUser-agent: other\nDisallow: /', '/a', false],
  ['nor does an unknown line', 'User-agent: fetchmany\nNoindex: /x\nUser-agent: other\nDisallow: /', '/a', false],
];

const rules: readonly Case[] = [
  ['a path is a prefix', star('Disallow: /a'), '/abc/d?e', false],
  ['of the path only', star('Disallow: /b'), '/a/b', true],
  ['case counts in a path', star('Disallow: /A'), '/a', true],
  ['the query belongs to the path', star('Disallow: /a?x=1'), '/a?x=1&y=2', false],
  ['another query is another path', star('Disallow: /a?x=1'), '/a?x=2', true],
  ['an empty Disallow denies nothing', star('Disallow:'), '/a', true],
  ['an empty Allow allows nothing', star('Allow:', 'Disallow: /a'), '/a', false],
  ['the longest rule counts: Allow', star('Disallow: /a', 'Allow: /a/b'), '/a/b/c', true],
  ['the longest rule counts: Disallow', star('Allow: /a', 'Disallow: /a/b'), '/a/b/c', false],
  ['in any order', star('Allow: /a/b', 'Disallow: /a'), '/a/b', true],
  ['of equal rules Allow counts', star('Disallow: /a', 'Allow: /a'), '/a', true],
  ['Allow alone denies nothing', star('Allow: /a'), '/b', true],
  ['a comment ends a line', star('Disallow: /a # not /b'), '/a', false],
  ['blanks around are none', star('  Disallow  :   /a  '), '/a', false],
  ['names of rules have no case', star('DISALLOW: /a'), '/a', false],
  ['* is any text', star('Disallow: /a/*/c'), '/a/b/b/c/d', false],
  ['or none', star('Disallow: /a*b'), '/ab', false],
  ['* at the end changes nothing', star('Disallow: /a*'), '/a', false],
  ['$ is the end', star('Disallow: /*.gif$'), '/x/a.gif', false],
  ['and only the end', star('Disallow: /*.gif$'), '/a.gif?x', true],
  ['$ elsewhere is itself', star('Disallow: /a$b'), '/a$b', false],
  ['an escaped star is a star', star('Disallow: /a%2Ab'), '/a*b', false],
  ['and no wildcard', star('Disallow: /a%2Ab'), '/axb', true],
  ['an escaped dollar is a dollar', star('Disallow: /a%24'), '/a$', false],
  ['and not the end', star('Disallow: /a%24'), '/a', true],
  ['letters need no escape', star('Disallow: /a/b'), '/a/%62', false],
  ['in a rule neither', star('Disallow: /a/%62'), '/a/b', false],
  ['escapes have no case', star('Disallow: /a%c3%a4'), '/a%C3%A4', false],
  ['other characters are escapes', star('Disallow: /ä'), '/%C3%A4', false],
  ['an escaped slash is no slash', star('Disallow: /a%2Fb'), '/a/b', true],
  ['brackets are the same in both', star('Disallow: /a[b]|c'), '/a[b]|c', false],
  ['a rule without a slash matches nothing', star('Disallow: a'), '/a', true],
  ['robots.txt itself is allowed', star('Disallow: /'), '/robots.txt', true],
];

/** What Google's parser reads besides. */
const google: readonly Case[] = [
  ['a byte order mark', `\uFEFF${star('Disallow: /')}`, '/a', false],
  ['lines that end with CR', star('Disallow: /').replaceAll('\n', '\r'), '/a', false],
  ['lines that end with CRLF', star('Disallow: /').replaceAll('\n', '\r\n'), '/a', false],
  ['a rule without a colon', star('Disallow /a'), '/a', false],
  ['an agent without a colon', 'User-agent fetchmany\nDisallow: /', '/a', false],
  ['Disallow misspelled', star('Dissallow: /a'), '/a', false],
  ['User agent in two words', 'User agent: fetchmany\nDisallow: /', '/a', false],
  ['an agent with more words', 'User-agent: fetchmany the bot\nDisallow: /', '/a', false],
  ['a star with more words', 'User-agent: * all\nDisallow: /', '/a', false],
];

const care: readonly Case[] = [
  [
    'a web page',
    '<!doctype html>\n<html><head><title>Disallow: /</title></head><body>Not found: sorry</body></html>',
    '/a',
    true,
  ],
  ['bytes of nothing', '\0\x01\uFFFD:\uFFFD\n'.repeat(100), '/a', true],
  ['half a surrogate', star('Disallow: /\uD800', 'Disallow: /b'), '/b', false],
  ['a broken escape', star('Disallow: /100%', 'Disallow: /b%zz'), '/100%', false],
  [
    'an agent of the name of a property',
    'User-agent: __proto__\nDisallow: /\nUser-agent: constructor\nDisallow: /',
    '/a',
    true,
  ],
  ['an agent of the name of a property, asked for', 'User-agent: __proto__\nDisallow: /', '/a', false, '__proto__'],
];

describe.each<[string, readonly Case[]]>([
  ['Groups (RFC 9309)', groups],
  ['Rules (RFC 9309)', rules],
  ["What Google's parser reads as well", google],
  ['Files that are none', care],
])('%s', (_, cases) => {
  test.for(cases)('%s', ([, file, path, allowed, agent]) => {
    expect(isAllowed(file, path, agent)).toBe(allowed);
  });
});

test('a denial names the line, the rule and the group', () => {
  const file = '# first\n\nUser-agent: *\nAllow: /private/open\n\nDisallow: /private\n';
  expect(parseRobotsTxt(file, 'fetchmany').denialOf('/private/x')).toBe('line 6: disallow: /private (for *)');
  const own = 'User-agent: FetchMany\nDisallow: /%62*\n';
  expect(parseRobotsTxt(own, 'fetchmany').denialOf('/b')).toBe('line 2: disallow: /%62* (for fetchmany)');
});

test('a denial is safe to show and short, whatever the rule is', () => {
  const long = parseRobotsTxt(star(`Disallow: /*\x1b[31m${'x'.repeat(5000)}`, 'Disallow: /'), 'fetchmany');
  expect(long.denialOf('/a')).toBe('line 3: disallow: / (for *)');
  const red = parseRobotsTxt(star(`Disallow: /\x1b[31m*${'*'.repeat(5000)}`), 'fetchmany').denialOf('/%1B[31m');
  expect(red).toContain(String.raw`/\x1b[31m`);
  expect(red!.length).toBeLessThan(150);
});

test.each<[string, number]>([
  ['User-agent: *\nCrawl-delay: 2', 2000],
  ['User-agent: *\nCrawl-delay: 0.5\nDisallow: /', 500],
  ['User-agent: *\nCrawl-delay: 10\nUser-agent: fetchmany\nDisallow: /a', 0],
  ['User-agent: *\nDisallow:\nCrawl-delay: 10\n\nUser-agent: fetchmany\nCrawl-delay: 3', 3000],
  ['Crawl-delay: 5', 0],
  ['User-agent: other\nCrawl-delay: 5', 0],
  ['User-agent: *\nCrawl-delay: -1', 0],
  ['User-agent: *\nCrawl-delay: soon', 0],
  ['User-agent: *\nCrawl-delay: 1e9', 0],
  ['User-agent: *\nCrawl-delay: Infinity', 0],
  ['User-agent: *\nCrawl-delay:', 0],
])('the delay of %j is %d ms', (file, crawlDelayMs) => {
  expect(parseRobotsTxt(file, 'fetchmany').crawlDelayMs).toBe(crawlDelayMs);
});

test('a file of wildcards costs little for each path, and what is cut denies more and not less', () => {
  const wild = parseRobotsTxt(
    star(`Disallow: /${'*a'.repeat(200_000)}`, `Allow: /b${'*b'.repeat(20_000)}`),
    'fetchmany',
  );
  const path = `/${'a'.repeat(5000)}`;
  const startedAt = process.cpuUsage().user;
  for (let count = 0; count < 20; count += 1) expect(wild.denialOf(path + count)).toMatch(/^line 2/);
  // Without a bound it takes minutes.
  expect((process.cpuUsage().user - startedAt) / 1000).toBeLessThan(5000);
  expect(wild.denialOf('/b')).toMatch(/^line 2/);
});

test('a path that would take seconds to compare is denied', () => {
  const many = parseRobotsTxt(star(...Array.from({ length: 20_000 }, (_, at) => `Disallow: /${at}/`)), 'fetchmany');
  expect(many.denialOf('/a'.repeat(1000))).toBe(undefined);
  expect(many.denialOf('/a'.repeat(30_000))).toBe('is too long for a path of 60000 characters');
  expect(parseRobotsTxt(star('Disallow: /b'), 'fetchmany').denialOf('/a'.repeat(30_000))).toBe(undefined);
});

test('keeps the rules of the agent only', () => {
  const others = Array.from({ length: 5000 }, (_, at) => `User-agent: bot${at}\nDisallow: /${at}\n`).join('\n');
  expect(parseRobotsTxt(`${others}${star('Disallow: /a')}`, 'fetchmany').size).toBeLessThan(30);
});
