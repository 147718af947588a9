import { readFileSync } from "node:fs";
import * as path from "node:path";
import type { Value } from "../../../extension/core/jinja/value/types";
import { type EnvironmentOptions, parseChatTemplate } from "../../../extension/core/template/environment";
import { FIXTURES } from "../fixtures";
import { ANY_ERROR, type Case, ExactJson, type Outcome, outcomeOf } from "./case";

/** What one of the suites has of a case; each has its own members. */
interface PeerCase {
  readonly name?: string;
  readonly group?: string;
  readonly id?: string;
  readonly template: string;
  readonly target?: string;
  readonly options?: { readonly trim_blocks?: boolean; readonly lstrip_blocks?: boolean; readonly keep_trailing_newline?: boolean };
  readonly jinja2?: "same" | "different" | "error" | "not-run";
  readonly jinja2_output?: string;
  readonly jinja2_error?: string;
  readonly hf_env?: "same" | "different" | "error" | "ok";
  readonly result?: "ok" | "err";
  readonly value?: string;
  readonly error?: string;
  readonly message?: string;
  readonly bos_token?: string;
  readonly eos_token?: string;
}

/** The suites of other engines, and the one-liners; what the reference does not do like its author is judged by the reference. */
export function peerCases(): Case[] {
  return [...microCases(), ...huggingFaceCases(), ...llamaCases(), ...minjaCases(), ...palletsCases(), ...palletsErrors(), ...refusals()];
}

function load(file: string, list = "cases"): { readonly cases: readonly PeerCase[]; readonly json: ExactJson } {
  const text = readFileSync(path.join(FIXTURES, file), "utf8");
  return { cases: (JSON.parse(text) as Readonly<Record<string, readonly PeerCase[]>>)[list] ?? [], json: new ExactJson(text) };
}

interface Settings extends Omit<EnvironmentOptions, "name"> {
  readonly variables: ReadonlyMap<string, Value>;
}

function makeCase(suite: string, name: string, template: string, expected: Outcome, settings: Settings, messageLimit?: number): Case {
  const { variables, ...options } = settings;
  return {
    suite,
    name,
    expected,
    ...(messageLimit === undefined ? {} : { messageLimit }),
    run: () => outcomeOf(() => ({ text: parseChatTemplate(template, { name, ...options }).renderPlain(variables).text })),
  };
}

/** What the reference gives: `target` where it agrees with the suite. */
function referenceOf(test: PeerCase): Outcome {
  if (test.jinja2 === "error") return errorOf(test.jinja2_error ?? "");
  return { text: test.jinja2 === "different" ? (test.jinja2_output ?? "") : (test.target ?? "") };
}

function errorOf(text: string): Outcome {
  const colon = text.indexOf(": ");
  return { error: text.slice(0, colon), message: text.slice(colon + 2) };
}

function optionsOf({ trim_blocks: trimBlocks, lstrip_blocks: lstripBlocks, keep_trailing_newline: keepTrailingNewline }: NonNullable<PeerCase["options"]>): Omit<Settings, "variables"> {
  return { trimBlocks: trimBlocks ?? false, lstripBlocks: lstripBlocks ?? false, keepTrailingNewline: keepTrailingNewline ?? false };
}

/** "ErrorType: message" of a one-liner is cut here, type and all. */
const MICRO_ERROR_LENGTH = 80;

function microCases(): Case[] {
  const { cases, json } = load("golden/micro_templates.json");
  const variables = json.variables("/data");
  return cases.map((test) => {
    const expected = test.result === "ok" ? { text: test.value ?? "" } : errorOf(test.value ?? "");
    const limit = "error" in expected ? MICRO_ERROR_LENGTH - expected.error.length - 2 : undefined;
    return makeCase("micro", test.template, test.template, expected, { variables }, limit);
  });
}

function huggingFaceCases(): Case[] {
  const units = load("golden/huggingface.js/template_unit_cases.json");
  const spaces = load("golden/huggingface.js/whitespace_cases.json");
  const models = load("golden/huggingface.js/e2e_chat_templates.json");
  const now = Date.parse("2025-07-10T12:00:00Z");
  const named = ({ name, template }: PeerCase): string => name ?? template;
  return [
    // `not-run` has a JavaScript function among its variables.
    ...units.cases.flatMap((test, i) => test.jinja2 === "not-run" ? [] : [makeCase("huggingface.js", named(test), test.template, referenceOf(test), { variables: units.json.variables(`/cases/${i}/data`) })]),
    ...spaces.cases.map((test, i) => makeCase("huggingface.js", named(test), test.template, referenceOf(test), { variables: spaces.json.variables(`/cases/${i}/data`), ...optionsOf(test.options ?? {}) })),
    ...models.cases.map((test, i) => makeCase("huggingface.js", named(test), test.template, referenceOf(test), { variables: models.json.variables(`/cases/${i}/data`), now })),
  ];
}

function llamaCases(): Case[] {
  const units = load("golden/llama.cpp/test-jinja_cases.json");
  const chats = load("golden/llama.cpp/test-chat-template_cases.json");
  const shared = chats.json.variables("");
  return [
    ...units.cases.map((test, i) => makeCase("llama.cpp", `${test.group ?? ""} ${test.name ?? ""}`, test.template, referenceOf(test), { variables: units.json.variables(`/cases/${i}/data`) })),
    ...chats.cases.map((test) => {
      const variables = new Map<string, Value>([["messages", shared.get("messages") ?? []], ["bos_token", test.bos_token ?? ""], ["eos_token", test.eos_token ?? ""], ["add_generation_prompt", true]]);
      return makeCase("llama.cpp", test.name ?? "", test.template, referenceOf(test), { variables });
    }),
  ];
}

function minjaCases(): Case[] {
  const { cases, json } = load("golden/minja/test-syntax_cases.json");
  return cases.map((test, i) => makeCase("minja", test.template, test.template, referenceOf(test), { variables: json.variables(`/cases/${i}/data`), ...optionsOf(test.options ?? {}) }));
}

function palletsCases(): Case[] {
  const { cases, json } = load("jinja-peers/pallets-jinja/test_suite_cases.json");
  return cases.flatMap((test, i) => {
    if (test.hf_env !== "same" || notOurs(test) === "is random") return [];
    return [makeCase("pallets", `${test.id ?? ""} ${test.template}`, test.template, { text: test.target ?? "" }, { variables: json.variables(`/cases/${i}/data`), ...optionsOf(test.options ?? {}) })];
  });
}

function palletsErrors(): Case[] {
  const { cases, json } = load("jinja-peers/pallets-jinja/test_suite_cases.json", "errors");
  return cases.flatMap((test, i) => {
    if (test.hf_env !== "error" || notOurs(test) !== undefined) return [];
    const expected = { error: test.error ?? "", message: test.message };
    return [makeCase("pallets", `${test.id ?? ""} ${test.template}`, test.template, expected, { variables: json.variables(`/errors/${i}/data`), ...optionsOf(test.options ?? {}) })];
  });
}

/** What other engines refuse, in words of their own; the reference refuses it too, but for `items`, which it does not run before something asks for its elements. */
function refusals(): Case[] {
  return [["huggingface.js", "golden/huggingface.js/template_unit_cases.json"], ["minja", "golden/minja/test-syntax_cases.json"]].flatMap(([suite = "", file = ""]) =>
    load(file, "errors").cases.filter(({ template }) => !template.includes("| items")).map(({ template }) => makeCase(suite, `refuses ${template}`, template, { error: ANY_ERROR, message: undefined }, { variables: new Map() })));
}

/** Why what Jinja's own suite expects is no expectation of a chat template, by a part of the case's id or template. */
const NOT_OURS: readonly (readonly [RegExp, string])[] = [
  [/InternationalizationExtension|TestInternationalization|TestNewstyleInternationalization/, "needs the i18n extension"],
  [/TestExtensions|TestScope|test_overlay_scopes|TestAutoEscape/, "needs another extension"],
  [/\{%-? *(?:include|import|from|extends)/, "needs a loader"],
  [/test_indirect_call|myfilter|testing\(/, "needs a filter of the test's own"],
  [/test_pass_context|test_call |test_callable_defaults|test_macro_scoping/, "needs a function of the test's own"],
  [/test_random/, "is random"],
  [/test_normalizing|test_no_finalize_template_data|test_context_finalize|test_env_autoescape|test_custom_code_generator/, "needs another setting of the environment"],
  [/test_chainable_undefined|test_debug_undefined|test_strict_undefined/, "needs another kind of undefined"],
  [/test_raw_no_trim_lstrip/, "needs another delimiter"],
];

function notOurs({ id, template }: PeerCase): string | undefined {
  return NOT_OURS.find(([pattern]) => pattern.test(`${id ?? ""} ${template}`))?.[1];
}

/** Cases of Jinja's own suite that the chat-template environment answers otherwise, and for which nobody said why. */
export function unexplainedPallets(): string[] {
  const { cases } = load("jinja-peers/pallets-jinja/test_suite_cases.json");
  return cases.filter((test) => test.hf_env !== "same" && notOurs(test) === undefined).map((test) => `${test.id ?? ""} ${test.template}`);
}
