/** A text with `$0` where the cursor is: the text without it, and the cursor's offset. */
export function marked(text: string): { readonly text: string; readonly offset: number } {
  const offset = text.indexOf("$0");
  if (offset === -1) throw new Error(`There is no $0 in ${text}`);
  return { text: text.slice(0, offset) + text.slice(offset + 2), offset };
}
