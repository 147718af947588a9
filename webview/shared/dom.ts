/** Attributes of an element. `true` sets an empty one; false and undefined set none. */
export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/**
 * An element with attributes and children. Text is always text, never markup: what a page shows is data of others.
 */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) made.setAttribute(name, value === true ? "" : String(value));
  }
  made.append(...children);
  return made;
}

/** Calls `listener` for an event of `target`; returns `target`. */
export function on<Target extends EventTarget>(target: Target, type: string, listener: (event: Event) => void): Target {
  target.addEventListener(type, listener);
  return target;
}
