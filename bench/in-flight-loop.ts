/** Calls `one` `times` times, `inFlight` at once: the loop that one would write by hand. */
export async function inFlightLoop(times: number, inFlight: number, one: () => Promise<void>): Promise<void> {
  let started = 0;
  const worker = async (): Promise<void> => {
    while (started < times) {
      started += 1;
      await one();
    }
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
}
