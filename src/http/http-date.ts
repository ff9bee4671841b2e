const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const time = String.raw`(?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d)`;
const month = `(?<month>${months.join('|')})`;

/** The three forms of RFC 9110, 5.6.7. A wrong day of the week is accepted: the date does not need it. */
const forms: readonly RegExp[] = [
  // Sun, 06 Nov 1994 08:49:37 GMT
  new RegExp(String.raw`^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (?<day>\d\d) ${month} (?<year>\d{4}) ${time} GMT$`),
  // Sunday, 06-Nov-94 08:49:37 GMT
  new RegExp(String.raw`^(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (?<day>\d\d)-${month}-(?<year>\d\d) ${time} GMT$`),
  // Sun Nov  6 08:49:37 1994
  new RegExp(String.raw`^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) ${month} (?<day>[ \d]\d) ${time} (?<year>\d{4})$`),
];

/**
 * Parses an HTTP date (RFC 9110, 5.6.7: IMF-fixdate, RFC 850, asctime) to milliseconds since 1970; undefined for
 * anything else. `Date.parse` accepts much that is not an HTTP date, and reads an asctime date as local time.
 *
 * @param now our own time in milliseconds since 1970: it decides the century of a year with two digits
 */
export function httpDate(text: string, now: number): number | undefined {
  for (const form of forms) {
    const fields = form.exec(text)?.groups;
    if (fields !== undefined) return utc(fields, now);
  }
  return undefined;
}

function utc(fields: Readonly<Record<string, string>>, now: number): number | undefined {
  const [day, hour, minute, second] = [fields['day'], fields['hour'], fields['minute'], fields['second']].map(Number);
  // A leap second is second 60.
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return undefined;
  const date = new Date(0);
  // `Date.UTC` would take the years 0 to 99 as 1900 to 1999.
  date.setUTCFullYear(fullYear(fields['year'] as string, now), months.indexOf(fields['month'] as string), day);
  if (date.getUTCDate() !== day) return undefined;
  return date.setUTCHours(hour as number, minute, second);
}

/** Two digits mean the latest year that is not more than 50 years ahead. */
function fullYear(digits: string, now: number): number {
  if (digits.length === 4) return Number(digits);
  const latest = new Date(now).getUTCFullYear() + 50;
  return latest - ((latest - Number(digits)) % 100);
}
