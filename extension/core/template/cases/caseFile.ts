import type { Span } from "../../../base/text";
import type { JsonObject, JsonValue } from "../../dataset/conversation";
import { isObject } from "../../dataset/values";
import { pointerTo } from "../../jsonl/pointer";
import { RowSource } from "../../jsonl/rowSource";
import type { RenderInput } from "../renderer";

/** What a template must make of a conversation: this prompt, or a refusal whose message has this text. */
export interface Expected {
  readonly kind: "prompt" | "refusal";
  readonly text: string;
}

/** A conversation with what a template must make of it. */
export interface TemplateCase {
  /** Unique in its file. */
  readonly name: string;
  /** Where it stands in the file: JSON Pointer. */
  readonly pointer: string;
  readonly span: Span;
  /** A template's file, relative to the folder of the case's; undefined for the one that belongs to the file. */
  readonly template: string | undefined;
  readonly input: RenderInput;
  /** What `strftime_now` takes as now, in milliseconds since the epoch; undefined for the time of the render. */
  readonly now: number | undefined;
  /** Undefined where nobody has said yet. */
  readonly expected: Expected | undefined;
}

export interface CaseProblem {
  readonly message: string;
  readonly span: Span;
}

export interface CaseFile {
  readonly cases: readonly TemplateCase[];
  readonly problems: readonly CaseProblem[];
}

/** A test may show so many; a file that holds more is none. */
const MAX_CASES = 5000;

/** What the value of each key must be. Keys are those of `apply_chat_template`; `error` is a part of the refusal's message. */
const KEYS: Readonly<Record<string, readonly [is: (value: JsonValue) => boolean, what: string]>> = {
  name: [isText, "a text"],
  template: [isText, "the name of a file"],
  messages: [Array.isArray, "a list of messages"],
  tools: [isListOrNull, "a list of tools"],
  documents: [isListOrNull, "a list of documents"],
  add_generation_prompt: [(value) => typeof value === "boolean", "true or false"],
  chat_template_kwargs: [isObject, "an object of the template's variables"],
  now: [(value) => isText(value) && !Number.isNaN(Date.parse(value)), 'a date, such as "2024-07-26T12:00"'],
  expected: [isText, "a text: the prompt"],
  error: [isText, "a text: a part of the message that the template refuses with"],
};

/** Reads the cases of a file: an object, or a list of objects. Those that are wrong are left out and told of, each where it stands. */
export function readCases(text: string): CaseFile {
  const source = new RowSource(text);
  const [syntax] = source.parsed.problems;
  if (syntax !== undefined) return { cases: [], problems: [{ message: `This is not JSON: ${syntax.message}`, span: syntax }] };
  const { value: whole } = source;
  const all = Array.isArray(whole) ? (whole as readonly JsonValue[]).map((value, i) => [value, pointerTo("", i)] as const) : [[whole, ""] as const];
  const cases: TemplateCase[] = [];
  const problems: CaseProblem[] = [];
  const names = new Set<string>();
  for (const [value, pointer] of all.slice(0, MAX_CASES)) {
    const span = source.rangeOf(pointer) ?? { start: 0, end: text.length };
    const found = problemsOf(value, pointer, span, source);
    problems.push(...found);
    if (found.length > 0 || !isObject(value)) continue;
    const name = uniqueName(typeof value["name"] === "string" ? value["name"] : titleOf(value), names);
    names.add(name);
    cases.push({ ...caseOf(value), name, pointer, span });
  }
  if (all.length > MAX_CASES) problems.push({ message: `Only the first ${MAX_CASES} of ${all.length} cases are read.`, span: { start: 0, end: 0 } });
  return { cases, problems };
}

function problemsOf(value: JsonValue, pointer: string, span: Span, source: RowSource): CaseProblem[] {
  if (!isObject(value)) return [{ message: 'A case is an object with "messages".', span }];
  const at = (key: string): Span => source.rangeOf(pointerTo(pointer, key)) ?? span;
  const problems = Object.entries(value).flatMap(([key, each]): CaseProblem[] => {
    const rule = Object.hasOwn(KEYS, key) ? KEYS[key] : undefined;
    if (rule === undefined) return [{ message: `A case has no "${key}". It may have ${Object.keys(KEYS).join(", ")}.`, span: at(key) }];
    return rule[0](each) ? [] : [{ message: `"${key}" must be ${rule[1]}.`, span: at(key) }];
  });
  if (value["messages"] === undefined) problems.push({ message: 'A case needs "messages".', span });
  if (value["expected"] !== undefined && value["error"] !== undefined) problems.push({ message: 'A case has "expected" or "error", not both.', span: at("error") });
  return problems;
}

/** @param value has been found to be right */
function caseOf(value: JsonObject): Omit<TemplateCase, "name" | "pointer" | "span"> {
  const list = (key: string): readonly JsonValue[] | undefined => (Array.isArray(value[key]) ? (value[key] as readonly JsonValue[]) : undefined);
  const text = (key: string): string | undefined => (isText(value[key]) ? value[key] : undefined);
  const [expected, error, now] = [text("expected"), text("error"), text("now")];
  return {
    template: text("template"),
    input: {
      messages: list("messages") ?? [],
      tools: list("tools"),
      documents: list("documents"),
      addGenerationPrompt: value["add_generation_prompt"] === true,
      variables: isObject(value["chat_template_kwargs"]) ? value["chat_template_kwargs"] : {},
    },
    now: now === undefined ? undefined : Date.parse(now),
    expected: expected !== undefined ? { kind: "prompt", text: expected } : error !== undefined ? { kind: "refusal", text: error } : undefined,
  };
}

/** What a case without a name is called: how its conversation begins. */
function titleOf({ messages }: JsonObject): string {
  const first = Array.isArray(messages) ? (messages as readonly JsonValue[]).find((message) => isObject(message) && message["role"] === "user") : undefined;
  const content = isObject(first) && isText(first["content"]) ? first["content"].replaceAll(/\s+/g, " ").trim() : "";
  if (content === "") return "case";
  const cut = /^.{40}(?=.)/su.exec(content);
  return cut === null ? content : `${cut[0]}…`;
}

function uniqueName(name: string, taken: ReadonlySet<string>): string {
  let unique = name;
  for (let i = 2; taken.has(unique); i++) unique = `${name} (${i})`;
  return unique;
}

function isText(value: JsonValue | undefined): value is string {
  return typeof value === "string";
}

function isListOrNull(value: JsonValue): boolean {
  return value === null || Array.isArray(value);
}
