/** The fields that have a value: what was not given is not there, so that whoever takes the rest fills in the defaults. */
export function withoutUndefined<T extends object>(all: T): { [Name in keyof T]?: Exclude<T[Name], undefined> } {
  const some = Object.entries(all).filter(([, value]) => value !== undefined);
  return Object.fromEntries(some) as { [Name in keyof T]?: Exclude<T[Name], undefined> };
}
