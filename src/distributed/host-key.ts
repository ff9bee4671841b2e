/**
 * Returns the name by which a host is owned: without a leading `www.`, and for all schemes and ports together, so that
 * the common redirects stay with one owner.
 *
 * @param origin scheme, name and port
 */
export function hostKey(origin: string): string {
  const start = origin.indexOf('//') + 2;
  const portAt = origin.indexOf(':', origin.startsWith('[', start) ? origin.indexOf(']', start) : start);
  const name = origin.slice(start, portAt < 0 ? undefined : portAt);
  return name.startsWith('www.') && name.length > 'www.'.length ? name.slice('www.'.length) : name;
}
