import { htmlEntities } from "./entities";

const REFERENCE = /&(#[0-9]+;?|#[xX][0-9a-fA-F]+;?|[^\t\n\f <&#;]{1,32};?)/gu;

/** What HTML makes of the numbers of Windows-1252's extra characters, from 0x80 on; a blank stands for the number itself. */
const WINDOWS = "€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ";

/** Control characters and code points that are no characters: references to them vanish. */
function isInvalid(code: number): boolean {
  const control = (code >= 1 && code <= 8) || code === 0xb || (code >= 0xe && code <= 0x1f) || (code >= 0x7f && code <= 0x9f);
  return control || (code >= 0xfdd0 && code <= 0xfdef) || (code & 0xfffe) === 0xfffe;
}

function numericReference(code: number): string {
  if (code === 0) return "\ufffd";
  if (code === 0xd) return "\r";
  if (code >= 0x80 && code <= 0x9f) {
    const character = WINDOWS[code - 0x80] ?? " ";
    return character === " " ? String.fromCharCode(code) : character;
  }
  if ((code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff) return "\ufffd";
  return isInvalid(code) ? "" : String.fromCodePoint(code);
}

/** The longest name that the text begins with counts, and the rest stays. */
function namedReference(text: string): string {
  const entities = htmlEntities();
  const whole = entities.get(text);
  if (whole !== undefined) return whole;
  for (let length = text.length - 1; length > 1; length -= 1) {
    const found = entities.get(text.slice(0, length));
    if (found !== undefined) return found + text.slice(length);
  }
  return `&${text}`;
}

/** Python's `html.unescape`: HTML's character references as the characters they stand for. */
export function unescapeHtml(text: string): string {
  if (!text.includes("&")) return text;
  return text.replace(REFERENCE, (_, reference: string) => {
    if (!reference.startsWith("#")) return namedReference(reference);
    const hexadecimal = /^#[xX]/.test(reference);
    return numericReference(Number.parseInt(reference.slice(hexadecimal ? 2 : 1), hexadecimal ? 16 : 10));
  });
}
