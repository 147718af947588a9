import type { Span } from "../../../base/text";
import { fromJson } from "../../jinja/value/json";
import { repr } from "../../jinja/value/repr";
import { isStr, textOf } from "../../jinja/value/text";
import { PyFunction, Undefined, type Value, typeName } from "../../jinja/value/types";
import { parseChatTemplate } from "../../template/environment";
import { type RenderInput, TemplateRefusal } from "../../template/renderer";

/**
 * What to look at while a template renders: the value of an expression, each time it is evaluated; or that of a variable,
 * each time rendering comes by `offset`, which is right behind a tag.
 */
export type Watch =
  | { readonly kind: "expression"; readonly span: Span }
  | { readonly kind: "name"; readonly name: string; readonly offset: number };

/** A value that was seen, and how often. */
export interface SeenValue {
  /** As Python shows it, cut at {@link MAX_TEXT} characters. */
  readonly text: string;
  /** Python's name of its type. */
  readonly type: string;
  readonly times: number;
}

export interface LiveValues {
  /** The first different values that were seen, in order. */
  readonly values: readonly SeenValue[];
  /** How often the place was come by. */
  readonly count: number;
  /** What the render ended in, where it did not come to its end. */
  readonly error: string | undefined;
}

/** How many different values are kept, and how many characters of each. */
const MAX_VALUES = 6;
const MAX_TEXT = 400;

/** The steps of a render for a hover: an eighth of what a row may take. */
export const HOVER_STEPS = 1_200_000;

/** A name that no template uses. */
const WATCHER = "__tunesmith_watch";

/**
 * Renders the template and notes the values. The template is rewritten so that the watched expression goes through a function
 * that gives it back as it is; so all else is as it would be.
 * @param now what `strftime_now` takes as now, in milliseconds since the epoch
 */
export function liveValues(source: string, watch: Watch, input: RenderInput, now: number): LiveValues {
  const seen: SeenValue[] = [];
  let count = 0;
  const watcher = new PyFunction(WATCHER, ({ positional: [value = null] }) => {
    count++;
    note(seen, value);
    return value;
  });
  try {
    const template = parseChatTemplate(instrumented(source, watch), { name: "watched", now });
    const variables = new Map<string, Value>(Object.entries(input.variables).map(([name, value]) => [name, fromJson(value)]));
    variables.set(WATCHER, watcher);
    template.renderChat({
      messages: fromJson(input.messages),
      tools: fromJson(input.tools ?? null),
      documents: fromJson(input.documents ?? null),
      addGenerationPrompt: input.addGenerationPrompt,
      variables,
    }, { maxSteps: HOVER_STEPS });
    return { values: seen, count, error: undefined };
  } catch (error) {
    if (!(error instanceof TemplateRefusal)) throw error;
    return { values: seen, count, error: `${error.type}: ${error.message}` };
  }
}

function instrumented(source: string, watch: Watch): string {
  if (watch.kind === "name") {
    return `${source.slice(0, watch.offset)}{% if ${WATCHER}(${watch.name}) %}{% endif %}${source.slice(watch.offset)}`;
  }
  const { start, end } = watch.span;
  // A second pair of brackets, since the expression may be a tuple.
  return `${source.slice(0, start)}${WATCHER}((${source.slice(start, end)}))${source.slice(end)}`;
}

function note(seen: SeenValue[], value: Value): void {
  const shown = show(value);
  const index = seen.findIndex(({ text, type }) => text === shown.text && type === shown.type);
  const before = seen[index];
  if (before !== undefined) seen[index] = { ...before, times: before.times + 1 };
  else if (seen.length < MAX_VALUES) seen.push({ ...shown, times: 1 });
}

function show(value: Value): Omit<SeenValue, "times"> {
  if (value instanceof Undefined) return { text: "undefined", type: "Undefined" };
  // Of a long text its beginning is enough, and quicker.
  const shown = isStr(value) && textOf(value).length > MAX_TEXT ? textOf(value).slice(0, MAX_TEXT + 1) : value;
  const text = repr(shown);
  return { text: text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text, type: typeName(value) };
}

