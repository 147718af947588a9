import { messageOf } from "../../base/errors";
import { commonPrefixLength } from "../../base/text";
import type { JinjaChatTemplate } from "./environment";
import { parseWithHfJinja } from "./hfJinja";
import type { ChatTemplate, RenderInput } from "./renderer";

/** How `@huggingface/jinja`, the engine of transformers.js, treats a conversation that the reference renders. */
export type EngineDifference =
  /** It raises an error. */
  | { readonly kind: "refuses"; readonly message: string }
  /** It renders another text; the first difference is at `at`, in UTF-16 units of both. */
  | { readonly kind: "text"; readonly at: number; readonly expected: string; readonly found: string };

/** How many characters of a difference are shown. */
const EXCERPT = 40;

/** Parsed once a template: what does not parse fails for every conversation alike. */
const parsed = new WeakMap<JinjaChatTemplate, ChatTemplate | Error>();

/** How transformers.js would render `input` otherwise than to `expected`, the prompt of `template`; undefined where both agree. */
export function engineDiffers(template: JinjaChatTemplate, input: RenderInput, expected: string): EngineDifference | undefined {
  const other = secondEngine(template);
  if (other instanceof Error) return { kind: "refuses", message: other.message };
  try {
    return compare(expected, other.render(input));
  } catch (error) {
    return { kind: "refuses", message: messageOf(error) };
  }
}

/** The template as `@huggingface/jinja` parses it, or why it does not. */
function secondEngine(template: JinjaChatTemplate): ChatTemplate | Error {
  let engine = parsed.get(template);
  if (engine === undefined) {
    try {
      engine = parseWithHfJinja(template.source, { name: template.name, now: template.now });
    } catch (error) {
      engine = error instanceof Error ? error : new Error(messageOf(error));
    }
    parsed.set(template, engine);
  }
  return engine;
}

function compare(expected: string, found: string): EngineDifference | undefined {
  if (expected === found) return undefined;
  const at = commonPrefixLength(expected, found);
  return { kind: "text", at, expected: expected.slice(at, at + EXCERPT), found: found.slice(at, at + EXCERPT) };
}
