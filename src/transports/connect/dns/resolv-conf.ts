export const resolverFile = '/etc/resolv.conf';

/** Under which domains a name is looked for, and with how many dots it is tried as it stands first. */
export interface SearchList {
  readonly domains: readonly string[];
  readonly dots: number;
}

/** Reads what resolv.conf(5) says of searching. The name servers in it are c-ares's to find. */
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

/** The full names that a name may stand for, in the order they are to be asked for. A dot at its end says it is full. */
export function searchFor(name: string, { domains, dots }: SearchList): readonly string[] {
  if (name.endsWith('.')) return [name.slice(0, -1)];
  const searched = domains.map((domain) => `${name}.${domain}`);
  return name.split('.').length - 1 >= dots ? [name, ...searched] : [...searched, name];
}

function withoutDots(domain: string): string {
  return domain.replace(/^\.+|\.+$/g, '').toLowerCase();
}
