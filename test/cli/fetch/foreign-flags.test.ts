import { expect, test } from 'vitest';
import { fetchFlags } from '../../../cli/fetch/fetch-flags.ts';
import { foreignFlags } from '../../../cli/fetch/foreign-flags.ts';
import { readFlags } from '../../../cli/flags/flags.ts';

const advised = (argv: readonly string[]) => () => readFlags(argv, fetchFlags, 'fetchmany', foreignFlags);

test.each<[string[], string]>([
  [['-O', 'u'], 'unknown option -O; --save DIR saves bodies to files'],
  [['-P', 'dir'], 'unknown option -P; --save DIR saves bodies to files'],
  [['-L'], 'unknown option -L; redirects are followed; --max-redirects 0 stops that'],
  [['-sS'], 'unknown option -s; -q shows no progress and no summary'],
  [['-I'], 'unknown option -I; -X HEAD asks for headers only'],
  [['-V'], 'unknown option -V; fetchmany --version shows the version'],
  [['--proxy-user', 'a:b'], 'unknown option --proxy-user; put it into the URL of the proxy'],
  [['--parallel-max=9'], 'unknown option --parallel-max; -c N sets how many requests run at once'],
  [['--compare', 'a'], 'unknown option --compare; fetchmany diff OLD.jsonl NEW.jsonl compares two runs'],
  [['--json', '{}'], `unknown option --json; -d TEXT -H 'Content-Type: application/json' sends JSON`],
  [['--concurency', '5'], 'unknown option --concurency; did you mean --concurrency?'],
])('readFlags(%j) of fetch throws: %s', (argv, message) => {
  expect(advised(argv)).toThrow(message);
});

test('no flag of ours is explained as one of another program, and the advice names flags that exist', () => {
  const letters = Object.values(fetchFlags).flatMap((flag) => ('short' in flag ? [`-${flag.short}`] : []));
  const names = Object.keys(fetchFlags).map((name) => `--${name}`);
  for (const [flag, advice] of foreignFlags) {
    expect([...names, ...letters]).not.toContain(flag);
    for (const [, named = ''] of advice.matchAll(/(?<![\w-])(--[a-z][\w-]*|-[a-zA-Z])(?![\w])/g)) {
      expect([...names, ...letters], advice).toContain(named);
    }
  }
});
