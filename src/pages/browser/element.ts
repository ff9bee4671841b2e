/** The element of that name; the page is made with it. */
export function element<T extends Element>(id: string, type: new () => T): T {
  const found = document.querySelector(`#${id}`);
  if (found instanceof type) return found;
  throw new Error(`The page has no ${type.name} called ${id}`);
}

/** The same where the page may do without it. */
export function elementIfThere<T extends Element>(id: string, type: new () => T): T | undefined {
  return document.querySelector(`#${id}`) === null ? undefined : element(id, type);
}

/** Makes an element. Whatever is put into it is text, never markup. */
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
