/**
 * Names an error class. The name goes on the prototype, as with the built-in errors: an own one would show up in every
 * print.
 */
export function nameError(errorClass: { readonly prototype: Error }, name: string): void {
  Object.defineProperty(errorClass.prototype, 'name', { value: name, configurable: true, writable: true });
}
