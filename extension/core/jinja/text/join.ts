import { JinjaError } from "../errors";
import { countWork } from "../value/budget";
import { iterate } from "../value/protocol";
import type { Str } from "../value/text";
import { checkTextLength, concatText } from "../value/text";
import type { Value } from "../value/types";
import { typeName } from "../value/types";
import { asText, typeError } from "./arguments";
import { sequenceItems } from "./search";

/** `separator.join(iterable)` */
export function joinTexts(separator: Str, iterable: Value): Str {
  const items = sequenceItems(iterable) ?? joinable(iterable);
  countWork(3 * items.length);
  const texts = items.map((item, at) => {
    const text = asText(item);
    if (text === undefined) throw typeError(`sequence item ${at}: expected str instance, ${typeName(item)} found`);
    return text;
  });
  if (typeof separator === "string" && texts.every((text) => typeof text === "string")) return joinPlain(separator, texts);
  return concatText(texts.flatMap((text, at) => (at === 0 ? [text] : [separator, text])));
}

function joinPlain(separator: string, texts: readonly string[]): string {
  let length = Math.max(texts.length - 1, 0) * separator.length;
  for (const text of texts) length += text.length;
  checkTextLength(length);
  return texts.join(separator);
}

/** What cannot be iterated is refused in join's own words; errors of the iteration itself pass. */
function joinable(value: Value): readonly Value[] {
  const refused = `'${typeName(value)}' object is not iterable`;
  try {
    const items: Value[] = [];
    for (const item of iterate(value)) {
      countWork(2);
      items.push(item);
    }
    return items;
  } catch (error) {
    if (error instanceof JinjaError && error.type === "TypeError" && error.message === refused) throw typeError("can only join an iterable");
    throw error;
  }
}
