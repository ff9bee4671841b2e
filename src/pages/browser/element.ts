/** Returns the element with an id; throws if the page does not have it. */
export function element<T extends Element>(id: string, type: new () => T): T {
  const found = document.querySelector(`#${id}`);
  if (found instanceof type) return found;
  throw new Error(`The page has no ${type.name} with the id ${id}`);
}

/** Returns the element with an id, or undefined if the page does not have it. */
export function elementIfThere<T extends Element>(id: string, type: new () => T): T | undefined {
  return document.querySelector(`#${id}`) === null ? undefined : element(id, type);
}

/** Creates an element. Strings in it become text, never markup. */
export function make<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  style: string,
  ...children: readonly (string | Node)[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  if (style !== '') made.className = style;
  made.append(...children);
  return made;
}
