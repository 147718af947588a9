import { JinjaError } from "../jinja/errors";
import type { Segment } from "../jinja/runtime/template";
import { stripRange } from "../jinja/text/unicode";
import { contains } from "../jinja/value/compare";
import { dictGet, dictItems, dictSet } from "../jinja/value/hash";
import { binary } from "../jinja/value/number";
import { truth } from "../jinja/value/protocol";
import { isStr, textOf } from "../jinja/value/text";
import { PyDict, PyTuple, type Value, isList, typeName } from "../jinja/value/types";
import type { ChatArguments, RenderedPrompt } from "./environment";

/** What `transformers` marks the end of the final message with. */
const TAG = "CONTINUE_FINAL_MESSAGE_TAG";
const SPACED_TAG = `${TAG} `;

export interface TaggedMessages {
  readonly messages: Value;
  /** The text that is to be continued, without the tag. */
  readonly finalText: Value;
}

/**
 * The messages with the tag behind the final message's text. Source of the steps and the messages: `transformers` 5,
 * render_jinja_template.
 * @throws JinjaError as the reference raises, when there is nothing to continue.
 */
export function tagFinalMessage(args: ChatArguments, continueFinal: boolean | string, source: string): TaggedMessages {
  if (truth(args.addGenerationPrompt)) {
    throw new JinjaError(
      "ValueError",
      "continue_final_message and add_generation_prompt are not compatible. Use continue_final_message when you want the model to continue the final message, and add_generation_prompt when you want to add a header that will prompt it to start a new assistant message instead.",
    );
  }
  const key = typeof continueFinal === "string" ? continueFinal : "content";
  const { messages } = args;
  const last = isList(messages) ? messages.at(-1) : undefined;
  if (!isList(messages) || last === undefined) throw new JinjaError("IndexError", "list index out of range");
  if (!(last instanceof PyDict)) throw new JinjaError("AttributeError", `'${typeName(last)}' object has no attribute 'get'`);
  const final = dictGet(last, key) ?? null;
  if (final === null) throw new JinjaError("ValueError", `continue_final_message is set but the final message has no "${key}" to continue!`);
  if (!source.includes(key)) {
    throw new JinjaError("ValueError", `continue_final_message is set to "${key}" but this is not an accepted field in the chat_template`);
  }
  const { value, finalText } = tagged(final);
  return { messages: [...messages.slice(0, -1), withItem(last, key, value)], finalText };
}

function tagged(final: Value): { readonly value: Value; readonly finalText: Value } {
  const blocks = isList(final) ? final : final instanceof PyTuple ? final.items : undefined;
  if (blocks === undefined) return { value: binary("+", final, SPACED_TAG), finalText: final };
  for (let i = blocks.length - 1; i >= 0; i--) {
    const block = blocks[i] as Value;
    if (!contains(block, "text")) continue;
    if (!(block instanceof PyDict)) throw new JinjaError("TypeError", `${typeName(block)} indices must be integers, not 'str'`);
    const text = dictGet(block, "text") ?? null;
    return { value: blocks.with(i, withItem(block, "text", binary("+", text, SPACED_TAG))), finalText: text };
  }
  throw new JinjaError("ValueError", "continue_final_message is set but we could not find any text to continue in the final message!");
}

function withItem(dict: PyDict, key: string, value: Value): PyDict {
  const copy = new PyDict();
  for (const { items } of dictItems(dict)) dictSet(copy, items[0] as Value, items[1] as Value);
  dictSet(copy, key, value);
  return copy;
}

/**
 * The prompt up to the end of the final message.
 * @throws JinjaError ValueError when the final message is not in the prompt.
 */
export function cutAtTag(prompt: RenderedPrompt, finalText: Value): RenderedPrompt {
  const { text } = prompt;
  if (!isStr(finalText)) throw new JinjaError("AttributeError", `'${typeName(finalText)}' object has no attribute 'strip'`);
  const final = strip(textOf(finalText));
  const at = text.lastIndexOf(TAG);
  if (!text.includes(final) || at === -1) throw new JinjaError("ValueError", notInPrompt(final, text));
  // Without the space behind it the template has stripped the message, and the reference strips what stands before the tag.
  const end = text.startsWith(SPACED_TAG, at) ? at : stripRange(text.slice(0, at), undefined, "right")[1];
  return cut(prompt, end);
}

function strip(text: string): string {
  const [start, end] = stripRange(text, undefined, "both");
  return text.slice(start, end);
}

function notInPrompt(final: string, text: string): string {
  return (
    "continue_final_message is set but the final message does not appear in the chat after applying the chat template! " +
    "This can happen if the chat template deletes portions of the final message. " +
    "Please verify the chat template and final message in your chat to ensure they are compatible." +
    `Final message to continue: ${final}\nRendered chat:\n${text}`
  );
}

function cut(prompt: RenderedPrompt, end: number): RenderedPrompt {
  const { text, generation, hasGeneration, segments } = prompt;
  return {
    text: text.slice(0, end),
    generation: generation.filter(([start]) => start < end).map(([start, stop]) => [start, Math.min(stop, end)] as const),
    hasGeneration,
    ...(segments === undefined ? {} : { segments: segments.filter((segment) => segment.start < end).map((segment) => cutSegment(segment, end)) }),
  };
}

function cutSegment(segment: Segment, end: number): Segment {
  if (segment.end <= end) return segment;
  const { source } = segment;
  return { ...segment, end, ...(source === undefined ? {} : { source: [source[0], source[0] + end - segment.start] as const }) };
}
