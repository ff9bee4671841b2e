/** Writes a value as JSON that keeps what JSON has no word for: infinite numbers, and bytes. */
export function encodeJson(value: unknown): string {
  // A replacer sees a Buffer only after its toJSON(), hence `this`.
  return JSON.stringify(value, function (this: Record<string, unknown>, name, plain: unknown) {
    const given = this[name];
    if (given === Infinity || given === -Infinity) return { [tag]: given > 0 ? infinite : minusInfinite };
    if (given instanceof Uint8Array) return { [tag]: Buffer.from(given).toString('base64') };
    // An object of the caller's that looks like one of ours travels as its JSON text.
    return isTagged(plain) && !(plain instanceof Own) ? new Own(JSON.stringify(plain)) : plain;
  });
}

/** Reads what {@link encodeJson} wrote. */
export function decodeJson(text: string): unknown {
  if (!text.includes(tag)) return JSON.parse(text);
  return JSON.parse(text, (_, value: unknown) => {
    if (!isTagged(value)) return value;
    const { [tag]: tagged, text: own } = value as Readonly<Record<string, string>>;
    if (own !== undefined) return JSON.parse(own);
    if (tagged === infinite || tagged === minusInfinite) return Number(tagged);
    return new Uint8Array(Buffer.from(tagged!, 'base64'));
  });
}

const tag = '$bytes';
// The sign tells them from bytes: the base64 of bytes is never nine characters long.
const infinite = '+Infinity';
const minusInfinite = '-Infinity';

/** The JSON text of an object of the caller's that has a field named as our tag. */
class Own {
  readonly [tag] = 'JSON';
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

function isTagged(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, tag);
}
