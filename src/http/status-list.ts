/** The statuses that are expected unless others are named. */
export const defaultStatuses = '200-399';

/** Parses a list of statuses such as `200-399,404` into a predicate; undefined for anything but 100 to 999. */
export function parseStatusList(list: string): ((status: number) => boolean) | undefined {
  const ranges: (readonly [number, number])[] = [];
  for (const part of list.split(',')) {
    const match = /^\s*([1-9]\d\d)(?:\s*-\s*([1-9]\d\d))?\s*$/.exec(part);
    if (!match) return undefined;
    const from = Number(match[1]);
    const to = Number(match[2] ?? match[1]);
    if (to < from) return undefined;
    ranges.push([from, to]);
  }
  return (status) => ranges.some(([from, to]) => status >= from && status <= to);
}
