/** Replaces what differs from run to run, such as times and rates, and leaves out the lines that depend on the speed. */
export function comparable(output: string): string[] {
  return output
    .replaceAll(/\d+-\d+-\d+T[\d:.]+Z/g, 'TIME')
    .replaceAll(/"timingsMs":\{.*?\}/g, '"timingsMs":{}')
    .replaceAll(/"(\w+)":\d+\.\d+/g, '"$1":N')
    .replaceAll(/"(\w+Ms)":\d+/g, '"$1":N')
    .replaceAll(/,\d[\d.]*(?=,\d+,(?:framed|unverified),)/g, ',N')
    .replaceAll(/\b[\d,]+(?:\.\d+)?(?: (?:ms|s|min \d+ s)\b|s\b)/g, 'N s')
    .replaceAll(/\b[\d,]+(?:\.\d+)? (?:B|KB|MB)\/s/g, 'N B/s')
    .replaceAll(/\b[\d,]+(?:\.\d+)? URLs\/s/g, 'N URLs/s')
    .replaceAll(/ +/g, ' ')
    .split('\n')
    .filter((line) => line !== '' && !/^ (?:speed-up|bottleneck|slowest) /.test(line));
}
