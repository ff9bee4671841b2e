import { describe, expect, test } from 'vitest';
import { ResolveUse } from '../../../../cli/fetch/network/resolve-use.ts';
import { failure, response } from '../../../helpers/results.ts';

const unused = (value: string): string =>
  `--resolve ${value} was not used: no URL has this host and port (http has port 80, https 443)`;

describe('ResolveUse', () => {
  test.each([
    ['a.test:443:127.0.0.1', 'https://A.test/x'],
    ['a.test:80:127.0.0.1', 'http://a.test./'],
    ['+a.test:8080:127.0.0.1,127.0.0.2', 'http://a.test:8080/'],
    ['a.test:443:127.0.0.1', 'a.test/without/scheme'],
    ['a.test:8443:127.0.0.1', 'a.test:8443'],
    ['*:443:127.0.0.1', 'https://anything.test/'],
    ['[::1]:443:127.0.0.1', 'https://[::1]/'],
    ['bücher.test:443:127.0.0.1', 'https://xn--bcher-kva.test/'],
  ])('takes %s for used by %s', (value, url) => {
    const use = new ResolveUse([value], 'https');
    use.see(failure('CONNECT_REFUSED', { url }));
    expect(use.notes()).toEqual([]);
  });

  test.each([
    ['a.test:443:127.0.0.1', 'http://a.test/'],
    ['a.test:443:127.0.0.1', 'https://b.test/'],
    ['*:443:127.0.0.1', 'http://a.test/'],
    ['a.test:443:127.0.0.1', 'not a url'],
  ])('says that %s was not used by %s', (value, url) => {
    const use = new ResolveUse([value], 'https');
    use.see(failure('CONNECT_REFUSED', { url }));
    expect(use.notes()).toEqual([unused(value)]);
  });

  test('counts the target of a redirect, and says nothing where hosts in between are not known', () => {
    const values = ['b.test:443:127.0.0.1', 'c.test:443:127.0.0.1'];
    const once = new ResolveUse(values, 'https');
    once.see(response({ url: 'http://a.test/', finalUrl: 'https://b.test/', redirects: 1 }));
    expect(once.notes()).toEqual([unused('c.test:443:127.0.0.1')]);
    once.see(response({ url: 'http://a.test/', finalUrl: 'https://b.test/', redirects: 2 }));
    expect(once.notes()).toEqual([]);
  });
});
