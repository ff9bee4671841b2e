import { describe, test } from 'vitest';
import { codings } from './codings.ts';
import { framing } from './framing.ts';
import { heads } from './heads.ts';
import { holds } from './invariants.ts';
import { redirects } from './redirects.ts';
import { retries } from './retries.ts';

const groups = { A: framing, B: heads, C: codings, D: redirects, E: retries };

describe.for(Object.entries(groups))('group %s of the catalogue', ([, cases]) => {
  test.concurrent.for(cases)('$id $fault', (fault) => holds(fault, 'whole'));
  test.concurrent.for(cases.filter(({ wholeOnly }) => wholeOnly === undefined))('$id $fault, in pieces', (fault) =>
    holds(fault, 'in pieces'),
  );
});
