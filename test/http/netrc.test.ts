import { describe, expect, test } from 'vitest';
import { loginOf, parseNetrc } from '../../src/http/netrc.ts';

const sample = `# my hosts
machine api.example.com login me password "with \\"quotes\\" and blanks"
machine other.example.com
  login you
  account ignored
  password p#1
macdef init
  machine evil.example.com login no password no

machine api.example.com login second password second
default login anonymous password guest
`;

describe('parseNetrc()', () => {
  test('reads words over lines, quotes, comments and macros as curl does', () => {
    const { machines, byDefault } = parseNetrc(sample);
    expect(Object.fromEntries(machines)).toEqual({
      'api.example.com': [
        { user: 'me', password: 'with "quotes" and blanks' },
        { user: 'second', password: 'second' },
      ],
      'other.example.com': [{ user: 'you', password: 'p#1' }],
    });
    expect(byDefault).toEqual([{ user: 'anonymous', password: 'guest' }]);
  });

  test.each([
    ['', {}],
    ['machine a login b', { a: [{ user: 'b', password: '' }] }],
    ['machine a password b', { a: [{ user: '', password: 'b' }] }],
    ['machine a', {}],
    ['machine A.Example. login b password c\r\n', { 'a.example': [{ user: 'b', password: 'c' }] }],
    ['\uFEFFmachine a login "x\\ty\\\\" password c', { a: [{ user: 'x\ty\\', password: 'c' }] }],
    ['machine a login machine password default', { a: [{ user: 'machine', password: 'default' }] }],
    ['machine "macdef" login "macdef" password c', { macdef: [{ user: 'macdef', password: 'c' }] }],
  ])('reads %j', (text, expected) => {
    expect(Object.fromEntries(parseNetrc(text).machines)).toEqual(expected);
  });

  test.each([
    ['login canary', 1],
    ['machine a login', 1],
    ['\nmachine a\npasswort canary', 3],
    ['machine a login b password "canary', 1],
    ['machine a\n\n"canary" x', 3],
  ])('refuses %j, naming the line and nothing of it', (text, line) => {
    expect(() => parseNetrc(text)).toThrow(SyntaxError);
    expect(() => parseNetrc(text)).toThrow(new RegExp(`^line ${line} has (?!.*canary)`));
  });

  test('takes time in proportion to a file of quotes', () => {
    expect(() => parseNetrc(`machine a login ${'"\\'.repeat(100_000)}`)).toThrow(SyntaxError);
  });
});

test('loginOf() prefers the entry of the host, and gives the default only where it may', () => {
  const netrc = parseNetrc('machine ::1 login six password x default login any password y');
  expect(loginOf(netrc, { host: '[::1]', mayBeDefault: false })).toEqual({ user: 'six', password: 'x' });
  expect(loginOf(netrc, { host: 'other', mayBeDefault: true })).toEqual({ user: 'any', password: 'y' });
  expect(loginOf(netrc, { host: 'other', mayBeDefault: false })).toBeUndefined();
});

test('loginOf() finds the entry of a user, also behind others and in the default', () => {
  const netrc = parseNetrc(
    'machine a login one password 1 machine a login two password 2 default login three password 3',
  );
  const passwordOf = (user: string | undefined, mayBeDefault = true): string | undefined =>
    loginOf(netrc, { host: 'a', mayBeDefault, user })?.password;
  expect([undefined, 'one', 'two', 'three', 'four'].map((user) => passwordOf(user))).toEqual([
    '1',
    '1',
    '2',
    '3',
    undefined,
  ]);
  expect(passwordOf('three', false)).toBeUndefined();
});
