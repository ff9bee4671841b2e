export const resolverFile = '/etc/resolv.conf';

/** The search domains for a name, and the number of dots from which it is tried as it is first. */
export interface SearchList {
  readonly domains: readonly string[];
  readonly dots: number;
}

/** Reads the search list of a resolv.conf(5). c-ares reads the name servers itself. */
export function parseSearchList(text: string): SearchList {
  let domains: readonly string[] = [];
  let dots = 1;
  for (const line of text.split('\n')) {
    const [keyword, ...values] = line.trim().split(/\s+/);
    if (keyword === 'search' || keyword === 'domain') domains = values.map(withoutDots).filter((value) => value !== '');
    if (keyword !== 'options') continue;
    const ndots = values.find((value) => /^ndots:\d+$/.test(value));
    if (ndots !== undefined) dots = Math.min(15, Number(ndots.slice('ndots:'.length)));
  }
  return { domains, dots };
}

/** Returns the full names to try for a name, in order. A name with a trailing dot is full already. */
export function searchFor(name: string, { domains, dots }: SearchList): readonly string[] {
  if (name.endsWith('.')) return [name.slice(0, -1)];
  const searched = domains.map((domain) => `${name}.${domain}`);
  return name.split('.').length - 1 >= dots ? [name, ...searched] : [...searched, name];
}

function withoutDots(domain: string): string {
  let end = domain.length;
  while (domain[end - 1] === '.') end -= 1;
  return domain.slice(0, end).replace(/^\.+/, '').toLowerCase();
}
