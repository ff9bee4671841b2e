/** Copies the fields of an object that have a value. */
export function withoutUndefined<T extends object>(all: T): { [Name in keyof T]?: Exclude<T[Name], undefined> } {
  const some = Object.entries(all).filter(([, value]) => value !== undefined);
  return Object.fromEntries(some) as { [Name in keyof T]?: Exclude<T[Name], undefined> };
}
