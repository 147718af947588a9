import { AlignedTextBuilder, unitBefore } from "./alignedText";
import { type NormalizerStep, WHITE_SPACE } from "./characterSteps";

/** Prepend: nothing before an empty text; else the new characters and the first one all stand for the first one. */
export function prepend(prefix: string): NormalizerStep {
  return (source) => {
    if (source.text === "" || prefix === "") return source;
    const builder = new AlignedTextBuilder(source);
    builder.put(prefix, 0);
    builder.copy(0, source.text.length);
    return builder.finish();
  };
}

/** Replace: `pattern` is global and never matches nothing; the new characters stand for the last character of the match. */
export function replace(pattern: RegExp, content: string): NormalizerStep {
  return (source) => {
    const { text } = source;
    let builder: AlignedTextBuilder | undefined;
    let copied = 0;
    for (const { 0: match, index } of text.matchAll(pattern)) {
      const end = index + match.length;
      builder ??= new AlignedTextBuilder(source);
      builder.copy(copied, index);
      if (content !== "") builder.put(content, unitBefore(text, end));
      copied = end;
    }
    builder?.copy(copied, text.length);
    return builder?.finish() ?? source;
  };
}

const LEADING_SPACE = new RegExp(`^[${WHITE_SPACE}]+`);
const SPACE_UNIT = new RegExp(`[${WHITE_SPACE}]`);

export function strip(left: boolean, right: boolean): NormalizerStep {
  return (source) => {
    const { text } = source;
    const start = left ? (LEADING_SPACE.exec(text)?.[0].length ?? 0) : 0;
    let end = text.length;
    while (right && end > start && SPACE_UNIT.test(text.charAt(end - 1))) end--;
    if (start === 0 && end === text.length) return source;
    const builder = new AlignedTextBuilder(source);
    builder.copy(start, end);
    return builder.finish();
  };
}
