import assert from "node:assert/strict";
import { test } from "node:test";
import { analyzeTemplate } from "../../../../extension/core/template/analysis";
import { parseChatTemplate } from "../../../../extension/core/template/environment";
import type { ProbeReport } from "../../../../extension/core/template/probes/probeTemplate";
import { probeTemplate } from "../../../../extension/core/template/probes/probeTemplate";
import { MAX_MS } from "../../../../extension/core/template/probes/session";

function report(source: string, clock?: { now(): number }): ProbeReport {
  return probeTemplate(parseChatTemplate(source, { name: "test", now: 0 }), { variables: {}, clock });
}

function verdicts({ results }: ProbeReport): string[] {
  return Object.values(results).map(({ verdict }) => verdict);
}

test("conversations are given in the form that the template takes", () => {
  const parts = "{% for m in messages %}{{ m.role }}:{% for p in m.content %}{{ p.text }}{% endfor %}\n{% endfor %}";
  assert.deepEqual(report(parts).form, { parts: true, tools: false });
  assert.equal(report(parts).results["system-role"].verdict, "kept");
  const needy = "{{ tools|tojson }}{% if tools is none %}{{ raise_exception('tools!') }}{% endif %}{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}";
  assert.deepEqual(report(needy).form, { parts: false, tools: true });
  assert.equal(report(needy).results["system-role"].verdict, "kept");
  assert.equal(report(needy).results.tools.verdict, "rendered");
});

const HOSTILE: readonly (readonly [name: string, source: string, stopped: boolean])[] = [
  ["an endless loop", "{% for a in range(99999) %}{% for b in range(99999) %}{{ a }}{% endfor %}{% endfor %}", true],
  ["a loop only where there is a system message", "{% for m in messages %}{{ m.content }}{% if m.role == 'system' %}{% for a in range(99999) %}{% endfor %}{% endif %}{% endfor %}", true],
  ["endless recursion", "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", false],
  ["a huge text", "{{ 'x' * 5000000 }}{{ messages[0].content }}", true],
  ["nothing at all", "", false],
  ["an include", "{% include 'x' %}", false],
  ["a template that prints undefined values", "{{ messages[9].content }}", false],
  ["chance", "{% for m in messages %}{{ [1, 2, 3, 4]|random }}{{ m.content }}{% endfor %}", false],
  ["a template that changes messages", "{% set _ = messages.append(1) %}", false],
  ["odd types", "{{ messages + 1 }}", false],
];

for (const [name, source, stopped] of HOSTILE) {
  test(`probes come to an end with ${name}`, () => {
    const found = report(source);
    assert.equal(found.stopped, stopped);
    assert.equal(verdicts(found).length, 23);
  });
}

test("without time left, nothing is claimed", () => {
  let now = 0;
  const late = { now: () => (now += MAX_MS) };
  const found = report("{% for m in messages %}{{ m.content }}{% endfor %}", late);
  assert.equal(found.stopped, true);
  const claimed = Object.values(found.results).filter(({ verdict }) => verdict !== "unknown").map(({ id }) => id);
  assert.deepEqual(claimed, ["generation-tag"]);
});

test("the report is plain data, and the same each time", () => {
  const source = "{{ bos_token }}{% for m in messages %}{{ m.role }}: {{ m.content }}</s>{% endfor %}{{ strftime_now('%H:%M:%S') }}";
  const analyze = (): string => JSON.stringify(analyzeTemplate(source, { name: "test", variables: { bos_token: "<s>" } }));
  assert.equal(analyze(), analyze());
  assert.deepEqual(JSON.parse(analyze()), structuredClone(JSON.parse(analyze())));
});

test("an analysis has the template's errors, and what can be said all the same", () => {
  const broken = analyzeTemplate("{% for m in messages %}{{ m.content|nosuch }}{{ m.role|sum }}", { name: "test", variables: {} });
  assert.deepEqual(broken.errors.map(({ type }) => type), ["TemplateSyntaxError", "TemplateAssertionError"]);
  assert.equal(broken.probes, undefined);
  assert.deepEqual(broken.reads.variables.map(({ name }) => name), ["messages"]);
  assert.deepEqual(broken.lacking.map(({ name }) => name), ["sum"]);
  const late = analyzeTemplate("{% break %}", { name: "test", variables: {} });
  assert.deepEqual(late.errors.map(({ type }) => type), ["SyntaxError"]);
  assert.equal(late.probes, undefined);
  const sound = analyzeTemplate("{% for m in messages %}{{ m.content }}{% endfor %}", { name: "test", variables: {} });
  assert.deepEqual(sound.errors, []);
  assert.equal(sound.probes?.results["system-role"].verdict, "kept");
});
