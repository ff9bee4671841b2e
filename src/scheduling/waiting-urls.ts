/**
 * URLs that wait in a queue, in columns: a number stands for each. Tens of thousands may wait for long, and as objects they would
 * be what the garbage collector has most work with.
 */
export class WaitingUrls {
  readonly #urls: string[] = [];
  readonly #hosts: string[] = [];
  readonly #indices: number[] = [];
  readonly #since: number[] = [];
  readonly #free: number[] = [];

  /** Takes one in, and gives the number that stands for it. */
  add(url: string, host: string, index: number, since: number): number {
    const place = this.#free.pop() ?? this.#urls.length;
    this.#urls[place] = url;
    this.#hosts[place] = host;
    this.#indices[place] = index;
    this.#since[place] = since;
    return place;
  }

  hostOf(place: number): string {
    return this.#hosts[place]!;
  }

  /** Its position in the input. */
  indexOf(place: number): number {
    return this.#indices[place]!;
  }

  /** Since when it waits, on the monotonic clock, in milliseconds. */
  sinceOf(place: number): number {
    return this.#since[place]!;
  }

  /** Takes one out. What else is known of it can be read until the next is taken in. */
  take(place: number): string {
    const url = this.#urls[place]!;
    this.#urls[place] = '';
    this.#free.push(place);
    return url;
  }
}
