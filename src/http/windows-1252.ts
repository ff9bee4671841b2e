// The bytes 0x80 to 0x9F in windows-1252; the five that it leaves open stand for themselves.
const characters = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

/**
 * Repairs what `TextDecoder` of Node 22.19 makes of windows-1252, which is also what it takes `latin1` and `ascii` for:
 * it decodes real latin1, so quotes, dashes and the euro sign become control characters. Text that was decoded well
 * does not change.
 */
export function repairWindows1252(text: string): string {
  return text.replaceAll(/[\u0080-\u009f]/g, (control) => characters[control.charCodeAt(0) - 0x80] ?? control);
}
