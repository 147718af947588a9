import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { describe, it } from "node:test";
import { applyEdits } from "../../../../extension/core/jsonl/edits";
import { type TemplateCase, readCases } from "../../../../extension/core/template/cases/caseFile";
import { acceptEdits, isExpected, runCase } from "../../../../extension/core/template/cases/runCase";
import { root } from "../../../support/paths";

const TEMPLATE = "{{ bos_token }}{% for m in messages %}{% if m.role == 'tool' %}{{ raise_exception('No tools here') }}{% endif %}[{{ m.role }}] {{ m.content }}\n{% endfor %}{% if add_generation_prompt %}[assistant]{% endif %}";

function only(text: string): TemplateCase {
  const { cases, problems } = readCases(text);
  assert.deepEqual(problems, []);
  assert.equal(cases.length, 1);
  return cases[0] as TemplateCase;
}

describe("the cases of a template", () => {
  it("are one object, or a list of them, each with a name of its own and its place", () => {
    const text = `[{"messages": [{"role": "user", "content": "Hi\\n there"}]},\n {"name": "Hi there", "messages": []}, {"messages": []}]`;
    const { cases, problems } = readCases(text);
    assert.deepEqual(problems, []);
    assert.deepEqual(cases.map(({ name, pointer }) => [name, pointer]), [["Hi there", "/0"], ["Hi there (2)", "/1"], ["case", "/2"]]);
    assert.equal(text.slice(cases[1]?.span.start, cases[1]?.span.end), '{"name": "Hi there", "messages": []}');
    assert.equal(only('{"messages": []}').pointer, "");
  });

  it("are cut where their first turn is too long to be a name, between characters", () => {
    assert.equal(only(JSON.stringify({ messages: [{ role: "user", content: "🚲".repeat(50) }] })).name, `${"🚲".repeat(40)}…`);
  });

  it("that are wrong are told of where they stand, and the others are read", () => {
    const text = `[{"messages": []}, 3, {"messages": {}, "expcted": ""}, {}, {"messages": [], "expected": "", "error": ""}, {"messages": [], "now": "soon"}]`;
    const { cases, problems } = readCases(text);
    assert.deepEqual(cases.map(({ pointer }) => pointer), ["/0"]);
    assert.deepEqual(problems.map(({ message, span }) => `${message.split(".")[0] ?? ""} at ${text.slice(span.start, span.end)}`), [
      'A case is an object with "messages" at 3',
      '"messages" must be a list of messages at {}',
      'A case has no "expcted" at ',
      'A case needs "messages" at {}',
      'A case has "expected" or "error", not both at ',
      '"now" must be a date, such as "2024-07-26T12:00" at soon',
    ]);
    const [broken] = readCases("[{").problems;
    assert.match(broken?.message ?? "", /^This is not JSON: /);
    assert.equal(readCases("").cases.length, 0);
  });

  it("have the keys that the editor's schema offers, and no others", () => {
    const { definitions } = JSON.parse(readFileSync(path.join(root, "extension", "assets", "template-cases.schema.json"), "utf8")) as { readonly definitions: { readonly case: { readonly properties: object } } };
    const [{ message } = { message: "" }] = readCases('{"messages": [], "other": 1}').problems;
    assert.equal(message, `A case has no "other". It may have ${Object.keys(definitions.case.properties).join(", ")}.`);
  });

  it("pass where the template makes exactly that prompt, or refuses with that message", () => {
    const messages = [{ role: "user", content: "Hi" }];
    const passes = (more: object): boolean => {
      const each = only(JSON.stringify({ messages, ...more }));
      return isExpected(each, runCase(each, TEMPLATE, { bos_token: "<s>" }));
    };
    assert.ok(passes({ expected: "<s>[user] Hi\n" }));
    assert.ok(!passes({ expected: "<s>[user] Hi" }));
    assert.ok(!passes({}));
    assert.ok(!passes({ error: "Hi" }));
    assert.ok(passes({ add_generation_prompt: true, expected: "<s>[user] Hi\n[assistant]" }));
    assert.ok(passes({ chat_template_kwargs: { bos_token: "" }, expected: "[user] Hi\n" }));
    assert.ok(passes({ messages: [{ role: "tool", content: "" }], error: "No tools" }));
    assert.ok(!passes({ messages: [{ role: "tool", content: "" }], error: "No rain" }));
    assert.ok(!passes({ messages: [{ role: "tool", content: "" }], expected: "" }));
  });

  it("have a date of their own", () => {
    const dated = only('{"messages": [{"role": "user", "content": ""}], "now": "2024-07-26T12:00", "expected": "26 Jul 2024"}');
    assert.ok(isExpected(dated, runCase(dated, "{{ strftime_now('%d %b %Y') }}", {})));
  });

  it("say where a template refuses, and what is wrong with it", () => {
    const each = only('{"messages": [{"role": "tool", "content": ""}]}');
    const outcome = runCase(each, TEMPLATE, {});
    assert.ok(outcome.kind === "refusal");
    assert.match(TEMPLATE.slice(outcome.place?.span.start, outcome.place?.span.end), /raise_exception/);
    assert.equal((runCase(each, "{% for %}", {}) as { type?: string }).type, "TemplateSyntaxError");
  });
});

describe("accepting a prompt", () => {
  const accepted = (text: string, pointer = ""): string => {
    const each = readCases(text).cases.find((one) => one.pointer === pointer) as TemplateCase;
    const edits = acceptEdits(text, pointer, runCase(each, TEMPLATE, { bos_token: "" }));
    const after = applyEdits(text, edits);
    const again = readCases(after).cases.find((one) => one.pointer === pointer) as TemplateCase;
    assert.ok(isExpected(again, runCase(again, TEMPLATE, { bos_token: "" })), after);
    return after;
  };

  it("writes it into the case, and leaves all else as it is written", () => {
    assert.equal(accepted('{ "messages":[{"role":"user","content":"é"}] }'), '{ "messages":[{"role":"user","content":"é"}],"expected":"[user] é\\n" }');
    const lines = '[\n  {\n    "messages": [{"role": "user", "content": "Hi"}],\n    "expected": "old"\n  },\n  {"messages": []}\n]\n';
    assert.equal(accepted(lines, "/0"), lines.replace('"old"', '"[user] Hi\\n"'));
  });

  it("takes a refusal where it was a prompt, and the other way round", () => {
    assert.equal(accepted('{"messages": [{"role": "tool", "content": ""}], "expected": "x"}'), '{"messages": [{"role": "tool", "content": ""}], "error": "No tools here"}');
    assert.equal(accepted('{"messages": [{"role": "user", "content": ""}], "error": "x"}'), '{"messages": [{"role": "user", "content": ""}], "expected": "[user] \\n"}');
  });
});
