import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { describe, it } from "node:test";
import type { JsonObject, JsonValue } from "../../extension/core/dataset/conversation";
import { type Visited, eachNode, targetNames } from "../../extension/core/jinja/runtime/analyze";
import { MAX_STEPS } from "../../extension/core/jinja/runtime/limits";
import { Context } from "../../extension/core/jinja/runtime/render";
import type { Statement } from "../../extension/core/jinja/syntax/ast";
import { parseTemplate } from "../../extension/core/jinja/syntax/parser";
import { fromJson } from "../../extension/core/jinja/value/json";
import { type TemplateAnalysis, analyzeTemplate } from "../../extension/core/template/analysis";
import { lackingIn } from "../../extension/core/template/engines/lacking";
import type { EngineId } from "../../extension/core/template/engines/table";
import { type JinjaChatTemplate, parseChatTemplate } from "../../extension/core/template/environment";
import type { ProbeId, ProbeResult } from "../../extension/core/template/probes/probe";
import { stepsMatch } from "../../extension/core/template/reads/place";
import { findReads } from "../../extension/core/template/reads/reads";
import { type FieldRead, mayRead } from "../../extension/core/template/reads/recorder";
import { FIXTURES, filesBelow, haveFixtures } from "../support/fixtures";
import { type Outcome, outcomeOf } from "../support/jinja/case";
import { type Expected, KNOWN, NOT_IMPLEMENTED } from "../support/jinja/knownTemplates";
import { type LookUp, recordingValue } from "../support/jinja/recording";

const SPECIAL_TOKENS = { bos_token: "<s>", eos_token: "</s>" };

if (haveFixtures("templates, contexts and test suites of other engines")) {
  const templates = filesBelow("templates").filter((file) => file.endsWith(".jinja"));
  const sources = new Map(templates.map((name) => [name, readFileSync(path.join(FIXTURES, "templates", name), "utf8")]));
  const source = (name: string): string => sources.get(name) ?? assert.fail(`no template ${name}`);
  const analyses = new Map<string, TemplateAnalysis>();
  const analysisOf = (name: string): TemplateAnalysis => {
    let analysis = analyses.get(name);
    if (analysis === undefined) analyses.set(name, (analysis = analyzeTemplate(source(name), { name, variables: SPECIAL_TOKENS })));
    return analysis;
  };
  const contexts = renderContexts();

  describe("real templates can be analysed", () => {
    it(`all ${templates.length}, in bounded steps and to the end`, () => {
      assert.ok(templates.length >= 258);
      for (const name of templates) {
        const { errors, reads, probes } = analysisOf(name);
        assert.deepEqual(errors, [], name);
        assert.ok(reads.complete, name);
        assert.equal(probes?.stopped, false, name);
        assert.ok(reads.variables.some((variable) => variable.name === "messages"), name);
        for (const { uses } of [...reads.variables, ...reads.fields, ...reads.roles, ...reads.tokens]) {
          for (const { start, end } of uses) assert.ok(start >= 0 && start < end && end <= source(name).length, name);
        }
      }
    });

    it("every verdict but those that need no rendering has its evidence", () => {
      for (const name of templates) {
        for (const result of Object.values<ProbeResult>(analysisOf(name).probes?.results ?? {})) {
          if (result.verdict === "unknown" || result.id === "generation-tag") continue;
          assert.ok(result.evidence !== undefined, `${name}: ${result.id} ${result.verdict}`);
          assert.notDeepEqual(result.evidence.base, result.evidence.probed, `${name}: ${result.id}`);
        }
      }
    });
  });

  describe("what renders look up is what the analysis reports", () => {
    it(`in dicts of the input, in ${templates.length} templates with ${contexts.length} contexts`, () => {
      const missed = new Set<string>();
      let lookUps = 0;
      for (const name of templates) {
        const { reads } = analysisOf(name);
        const template = parseChatTemplate(source(name), { name, now: 0 });
        for (const context of contexts) {
          for (const lookUp of recordRender(template, context)) {
            lookUps++;
            if (!isReported(reads.fields, lookUp)) missed.add(`${name}: ${lookUp.kind} ${lookUp.path.join(" ")}`);
          }
        }
      }
      assert.deepEqual([...missed], []);
      assert.ok(lookUps > 100_000, `only ${lookUps} look-ups were seen`);
    });

    it("a read that is left out would be noticed", () => {
      const name = "llama.cpp/Qwen-Qwen3-0.6B.jinja";
      const template = parseChatTemplate(source(name), { name, now: 0 });
      const lookUps = contexts.flatMap((context) => recordRender(template, context));
      const { fields } = analysisOf(name).reads;
      for (const path of ["messages[].content", "messages[].tool_calls[].function.name", "messages[].reasoning_content"]) {
        const others = fields.filter((read) => read.path !== path);
        assert.ok(lookUps.some((lookUp) => !isReported(others, lookUp)), path);
      }
    });

    it("variables by name, but for those that the template assigns", () => {
      for (const name of templates) {
        const { reads } = analysisOf(name);
        const known = new Set([...reads.variables.map((variable) => variable.name), ...assignedNames(source(name))]);
        const template = parseChatTemplate(source(name), { name, now: 0 });
        const unknown = contexts.flatMap((context) => resolvedNames(template, context)).filter((variable) => !known.has(variable));
        assert.deepEqual([...new Set(unknown)], [], name);
      }
    });

    it("a variable that is not reported makes no difference", () => {
      const changed = ["tools", "documents", "add_generation_prompt", "bos_token", "eos_token", "unk_token", "enable_thinking", "thinking", "date_string"];
      let compared = 0;
      for (const name of templates) {
        const { reads } = analysisOf(name);
        const template = parseChatTemplate(source(name), { name, now: 0 });
        const free = changed.filter((variable) => !reads.variables.some((read) => read.name === variable));
        for (const context of contexts.filter((_, at) => at % 4 === 0)) {
          const expected = render(template, context);
          for (const variable of free) {
            assert.deepEqual(render(template, { ...context, [variable]: [{ x: "?" }] }), expected, `${name}: ${variable}`);
            compared++;
          }
        }
      }
      assert.ok(compared > 3000, `only ${compared} comparisons`);
    });
  });

  describe("what other engines lack", () => {
    const suites: readonly (readonly [engine: EngineId, file: string])[] = [
      ["minja", "golden/minja/test-syntax_cases.json"],
      ["llama.cpp", "golden/llama.cpp/test-jinja_cases.json"],
      ["transformers.js", "golden/huggingface.js/template_unit_cases.json"],
    ];
    for (const [engine, file] of suites) {
      it(`is not what ${engine} tests itself with`, () => {
        const cases = suiteOf(file);
        const claimed = cases.flatMap((test) => {
          const template = parseTemplate(test);
          return lackingIn(test, template, findReads(test, template)).filter(({ engines }) => engines.includes(engine)).map(({ name }) => `${name} in ${test}`);
        });
        assert.ok(cases.length > 90);
        assert.deepEqual(claimed.sort(), [...(NOT_IMPLEMENTED[engine] ?? [])].sort());
      });
    }
  });

  describe("what well-known templates do", () => {
    for (const [name, expected] of Object.entries(KNOWN)) {
      it(name, () => assert.deepEqual(verdictsOf(analysisOf(name), expected), expected));
    }

    it("training templates of TRL mark what is trained, to the end of the turn", () => {
      const training = templates.filter((name) => name.startsWith("trl/") && name.endsWith("_training.jinja"));
      assert.ok(training.length >= 16);
      for (const name of training) {
        const expected = { "generation-tag": "yes", "end-of-turn-mask": "inside" };
        assert.deepEqual(verdictsOf(analysisOf(name), expected), expected, name);
      }
    });
  });

  describe("bugs of real templates, and what mends them", () => {
    it("arguments that are a text are refused by Qwen3.5, and taken by the patched template", () => {
      const given = contextOf("qwen36_string_args_tool_call");
      const [upstream, patched] = ["llama.cpp/Qwen3.5-4B.jinja", "chat-template-patches/qwen3.6__patched__35B-A3B.jinja"];
      assert.equal(prints(source(upstream), given, "SF_STRING_ARG_MARKER"), false);
      assert.equal(prints(source(patched), given, "SF_STRING_ARG_MARKER"), true);
      assert.equal(analysisOf(upstream).probes?.results["tool-arguments"].verdict, "mapping");
      assert.equal(analysisOf(patched).probes?.results["tool-arguments"].verdict, "both");
    });

    it("earlier reasoning is dropped by Qwen3.5, and kept by the patched template", () => {
      const given = contextOf("qwen36_history_with_reasoning");
      const [upstream, patched] = ["llama.cpp/Qwen3.5-4B.jinja", "chat-template-patches/qwen3.6__patched__35B-A3B.jinja"];
      assert.equal(prints(source(upstream), given, "HISTORICAL_REASONING_MARKER"), false);
      assert.equal(prints(source(patched), given, "HISTORICAL_REASONING_MARKER"), true);
      assert.equal(analysisOf(upstream).probes?.results["reasoning-field"].verdict, "last-only");
      assert.equal(analysisOf(patched).probes?.results["reasoning-field"].verdict, "kept");
    });

    it("reasoning under another name is read by the patched template only", () => {
      const given = contextOf("qwen36_message_thinking_reasoning");
      const [upstream, patched] = ["llama.cpp/Qwen3.5-4B.jinja", "chat-template-patches/qwen3.6__patched__35B-A3B.jinja"];
      assert.equal(prints(source(upstream), given, "ANTHROPIC_THINKING_MARKER"), false);
      assert.equal(prints(source(patched), given, "ANTHROPIC_THINKING_MARKER"), true);
      const fields = (name: string): unknown => analysisOf(name).probes?.results["reasoning-field"].details?.["fields"];
      assert.deepEqual([fields(upstream), fields(patched)], [["reasoning_content"], ["reasoning_content", "thinking"]]);
      assert.equal(mayRead(analysisOf(upstream).reads.fields, ["messages", 1, "thinking"]), false);
      assert.equal(mayRead(analysisOf(patched).reads.fields, ["messages", 1, "thinking"]), true);
    });

    it("a turn of Gemma 4 that calls a tool is not closed before the next question, in earlier templates", () => {
      const given = contextOf("gemma4_empty_content_tool_call");
      const unclosed = /<tool_call\|>(?:(?!<turn\|>)[^])*<\|turn>user\nThanks!/;
      const [earlier, later] = ["axolotl/gemma4.jinja", "chat-template-patches/gemma4__upstream__12B-it.jinja"];
      assert.match(promptOf(source(earlier), given), unclosed);
      assert.doesNotMatch(promptOf(source(later), given), unclosed);
      const closed = (name: string): unknown => analysisOf(name).probes?.results["end-of-tool-turn"].details?.["beforeQuestion"];
      assert.deepEqual([closed(earlier), closed(later)], [false, true]);
    });

    it("Qwen1.5 closes the last turn only where a generation prompt follows", () => {
      assert.equal(analysisOf("huggingface.js-e2e/Qwen-Qwen1.5-72B-Chat.jinja").probes?.results["end-of-turn"].verdict, "history-only");
    });

    it("Kimi K2 calls a method that the sandbox refuses", () => {
      const { evidence } = analysisOf("llama.cpp/Kimi-K2-Instruct.jinja").probes?.results["tool-calls"] ?? {};
      const outcome = evidence?.probed.outcome;
      assert.ok(outcome?.kind === "refusal");
      assert.equal(outcome.type, "SecurityError");
    });
  });
}

// ── renders ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The contexts of the goldens, those that show bugs, and one whose tools have schemas inside schemas. */
function renderContexts(): readonly JsonObject[] {
  const golden = JSON.parse(readFileSync(path.join(FIXTURES, "golden/transformers/contexts.json"), "utf8")) as {
    contexts: Record<string, JsonObject>;
    special_tokens: JsonObject;
  };
  const given = [...Object.values(golden.contexts), ...patchContexts(), nestedSchemas(Object.values(golden.contexts))];
  const missing = { tools: null, documents: null, add_generation_prompt: false };
  // Continuing the last message copies it, outside of the template.
  return given.filter((context) => context["continue_final_message"] === undefined).map((context) => ({ ...missing, ...golden.special_tokens, ...context }));
}

function patchContexts(): JsonObject[] {
  const folder = "golden/chat-template-patches/fixtures";
  return filesBelow(folder).map((file) => JSON.parse(readFileSync(path.join(FIXTURES, folder, file), "utf8")) as JsonObject);
}

function contextOf(name: string): JsonObject {
  return JSON.parse(readFileSync(path.join(FIXTURES, "golden/chat-template-patches/fixtures", `${name}.json`), "utf8")) as JsonObject;
}

function nestedSchemas(contexts: readonly JsonObject[]): JsonObject {
  const leaf = { type: "string", description: "d", enum: ["a", "b"], default: "a", nullable: true };
  const object = { type: "object", properties: { leaf, list: { type: "array", items: leaf } }, required: ["leaf"], additionalProperties: leaf };
  const any = { anyOf: [leaf, object], oneOf: [leaf, { type: ["string", "null"] }], type: "object", properties: { deeper: object } };
  const parameters = { type: "object", properties: { object, any, list: { type: "array", items: object } }, required: ["object"] };
  const described = { name: "f", description: "d", parameters, return: { type: "object", properties: { leaf }, description: "r" }, response: object };
  const call = contexts.find(({ tools, messages }) => tools !== undefined && JSON.stringify(messages).includes("tool_calls"));
  return { ...call, tools: [{ type: "function", function: described }, { type: "function", ...described }] };
}

function recordRender(template: JinjaChatTemplate, context: JsonObject): LookUp[] {
  const lookUps: LookUp[] = [];
  const variables = new Map(Object.entries(context).map(([name, value]) => [name, recordingValue(value, [name], (lookUp) => lookUps.push(lookUp))]));
  // With the steps given, nothing but the template looks at the messages.
  outcomeOf(() => ({ text: template.renderPlain(variables, { maxSteps: MAX_STEPS }).text }));
  return lookUps;
}

function isReported(fields: readonly FieldRead[], { kind, path: place }: LookUp): boolean {
  if (mayRead(fields, place)) return true;
  if (kind === "value") return false;
  // Asking whether there is a field is looking at the names of its mapping.
  const [variable, ...steps] = kind === "presence" ? place.slice(0, -1) : place;
  return fields.some((read) => (read.access === "names" || read.access === "every") && read.variable === variable && stepsMatch(read.steps, steps));
}

function render(template: JinjaChatTemplate, context: JsonObject): Outcome {
  const variables = new Map(Object.entries(context).map(([name, value]) => [name, fromJson(value)]));
  return outcomeOf(() => ({ text: template.renderPlain(variables).text }));
}

function promptOf(source: string, context: JsonObject): string {
  const { messages, tools, add_generation_prompt: generation, ...variables } = context;
  const input = {
    messages: messages as readonly JsonValue[],
    ...(tools === undefined ? {} : { tools: tools as readonly JsonValue[] }),
    addGenerationPrompt: generation === true,
    variables: { ...SPECIAL_TOKENS, ...variables },
  };
  return parseChatTemplate(source, { name: "template", now: 0 }).render(input);
}

function prints(source: string, context: JsonObject, text: string): boolean {
  const outcome = outcomeOf(() => ({ text: promptOf(source, context) }));
  return "text" in outcome && outcome.text.includes(text);
}

/** The names that a render asks its context for. */
function resolvedNames(template: JinjaChatTemplate, context: JsonObject): string[] {
  const names: string[] = [];
  const resolve = Object.getOwnPropertyDescriptor(Context.prototype, "resolve")?.value as Context["resolve"];
  Context.prototype.resolve = function (this: Context, name: string): ReturnType<Context["resolve"]> {
    names.push(name);
    return resolve.call(this, name);
  };
  try {
    render(template, context);
  } finally {
    Context.prototype.resolve = resolve;
  }
  return names;
}

/** What the template assigns somewhere: Jinja asks the context for it too, where it cannot tell. */
function assignedNames(source: string): Set<string> {
  const names = new Set<string>();
  const visit = (node: Visited): void => {
    if (node.kind === "assign" || node.kind === "assignblock") for (const name of targetNames(node.target)) names.add(name);
    else if (node.kind === "macro") names.add(node.name);
    eachNode(node, visit);
  };
  for (const statement of parseTemplate(source).tree.body satisfies readonly Statement[]) visit(statement);
  return names;
}

// ── expectations ─────────────────────────────────────────────────────────────────────────────────────────────────────────

function suiteOf(file: string): string[] {
  const read = JSON.parse(readFileSync(path.join(FIXTURES, file), "utf8")) as { cases?: unknown };
  const cases = (Array.isArray(read) ? read : read.cases) as readonly { readonly template?: string }[];
  return cases.flatMap(({ template }) => (template === undefined ? [] : [template]));
}

function verdictsOf(analysis: TemplateAnalysis, expected: Expected): Expected {
  const results = analysis.probes?.results;
  return Object.fromEntries((Object.keys(expected) as ProbeId[]).map((id) => [id, results?.[id].verdict]));
}
