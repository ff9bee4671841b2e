const factor = 8;
const rounds = 5;

/**
 * Compares the time of work of size `8 * size` with that of eight times work of `size`: 1 if the time is linear, 8 if
 * it is quadratic. Both take about equally long, so a busy machine disturbs them equally; the shortest of several
 * rounds counts.
 */
export async function growthRatio(timeMs: (size: number) => number | Promise<number>, size: number): Promise<number> {
  const shortest = { many: Infinity, large: Infinity };
  for (let round = 0; round < rounds; round += 1) {
    let many = 0;
    for (let time = 0; time < factor; time += 1) many += await timeMs(size);
    shortest.many = Math.min(shortest.many, many);
    shortest.large = Math.min(shortest.large, await timeMs(factor * size));
  }
  return shortest.large / Math.max(0.5, shortest.many);
}
