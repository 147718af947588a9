import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { checkTemplate, probeEvidence } from "../../../../../extension/core/language/template/findings/checkTemplate";
import { PROBED, type ProbedId, TEMPLATE_RULES } from "../../../../../extension/core/rules/template/templateRules";

const TOKENS = { bos_token: "<s>", eos_token: "</s>" };

/** A template with nothing to say about, as good as they come without tools. */
const SOUND = `{%- for message in messages %}
{%- if message.role not in ['system', 'user', 'assistant'] %}{{ raise_exception('role') }}{% endif %}
{%- set content = message.content if message.content is string else message.content | map(attribute='text') | join('') %}
{%- if message.tool_calls is defined or tools %}{{ raise_exception('tools') }}{% endif %}
{{- '<|start|>' + message.role + '\\n' }}
{%- if message.role == 'assistant' %}{% generation %}{{ content + '<|end|>' }}{% endgeneration %}{% else %}{{ content + '<|end|>' }}{% endif %}
{{- '\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}{{ '<|start|>assistant\\n' }}{% endif %}`;

/** Rules, each with what it underlines. */
function found(source: string, addsBos?: boolean): string[] {
  return checkTemplate(source, { variables: TOKENS, addsBos }).map(({ rule, span }) => `${rule.id} ${source.slice(span.start, span.end)}`);
}

/** The rules found, hints about other engines left out. */
function rules(source: string, addsBos?: boolean): string[] {
  return [...new Set(found(source, addsBos).map((each) => each.split(" ")[0] ?? ""))].filter((rule) => rule !== "template/engine-lacks");
}

/** A fault in the sound template, and the rule that must find it. */
const FAULTS: readonly (readonly [rule: string, fault: string, expected: string])[] = [
  ["template/syntax", SOUND.replace("{%- endfor %}", ""), "template/syntax "],
  ["template/unknown-filter", SOUND.replace("join(", "jion("), "template/unknown-filter jion"],
  ["template/unknown-test", SOUND.replace("is string", "is text"), "template/unknown-test text"],
  ["template/unknown-function", `${SOUND}{% if false %}{{ raise_eception('x') }}{% endif %}`, "template/unknown-function raise_eception"],
  ["template/unknown-variable", SOUND.replace("if add_generation_prompt", "if add_generation_promt"), "template/unknown-variable add_generation_promt"],
  ["template/unknown-variable", `${SOUND}{% for m in messages %}{% set last = m %}{% endfor %}{{ last.nothing if false }}`, "template/unknown-variable last"],
  ["template/unknown-method", `${SOUND}{% if false %}{{ messages.append(1) }}{% endif %}`, "template/unknown-method append"],
  ["template/unknown-method", `${SOUND}{% if false %}{{ 'a'.toUpperCase() }}{% endif %}`, "template/unknown-method toUpperCase"],
  ["template/engine-lacks", SOUND.replace("{{- '\\n' }}", "{{- '\\n' if 1 < 2 < 3 }}"), "template/engine-lacks 1 < 2 < 3"],
  ["template/generation-prompt", SOUND.replace("{{ '<|start|>assistant\\n' }}", ""), "template/generation-prompt "],
  ["template/generation-prefix", SOUND.replace("'<|start|>assistant\\n'", "'<|start|>assistant:'"), "template/generation-prefix <|start|>assistant:"],
  ["template/prefix-preserving", SOUND.replace("{{- '\\n' }}", "{{- '\\n' if loop.last else ' ' }}"), "template/prefix-preserving "],
  ["template/end-of-turn-mask", SOUND.replace("{{ content + '<|end|>' }}{% endgeneration %}", "{{ content }}{% endgeneration %}<|end|>"), "template/end-of-turn-mask {%- for message in messages %}"],
  ["template/end-of-turn", SOUND.replace("{{ content + '<|end|>' }}{% endgeneration %}", "{{ content }}{% endgeneration %}{% if not loop.last %}<|end|>{% endif %}"), "template/end-of-turn "],
  ["template/generation-tag", SOUND.replace("{% generation %}", "").replace("{% endgeneration %}", "").replace("{{- '<|start|>' +", "{% generation %}{% endgeneration %}{{- '<|start|>' +"), "template/generation-tag "],
  ["template/system-dropped", SOUND.replace("{{- '<|start|>'", "{% if message.role == 'system' %}{% continue %}{% endif %}{{- '<|start|>'"), "template/system-dropped "],
  ["template/role-dropped", SOUND.replace("{{ raise_exception('role') }}", "{% continue %}"), "template/role-dropped "],
  ["template/content-parts", SOUND.replace("message.content if message.content is string else message.content | map(attribute='text') | join('')", "message.content | string"), "template/content-parts "],
  ["template/tools-dropped", SOUND.replace(" or tools %}{{ raise_exception('tools') }}", " %}{{ raise_exception('tools') }}"), "template/tools-dropped "],
];

describe("the check of a template", () => {
  it("has nothing to say about a sound one", () => {
    assert.deepEqual(rules(SOUND), []);
    assert.deepEqual(rules(SOUND, true), []);
  });

  for (const [rule, source, expected] of FAULTS) {
    it(`finds ${rule} in ${JSON.stringify(expected)}`, () => {
      assert.ok(found(source).some((each) => each.startsWith(expected)), found(source).join("\n"));
      assert.deepEqual(rules(source).filter((each) => each === rule), rule === "template/engine-lacks" ? [] : [rule]);
    });
  }

  it("finds two BOS tokens where the tokenizer adds one", () => {
    const source = `{{ bos_token }}${SOUND}`;
    assert.deepEqual(rules(source, true), ["template/double-bos"]);
    assert.ok(found(source, true).includes("template/double-bos bos_token"));
    assert.deepEqual(rules(source, false), []);
  });

  it("has Python's message for a syntax error, and all of them", () => {
    const messages = checkTemplate("{{ a b }}{% if %}{{ c d }}{% endif %}", { variables: {} }).map(({ message }) => message);
    assert.deepEqual(messages, [
      "TemplateSyntaxError: expected token 'end of print statement', got 'b'",
      "TemplateSyntaxError: Expected an expression, got 'end of statement block'",
      "TemplateSyntaxError: expected token 'end of print statement', got 'd'",
    ]);
  });

  it("does not take switches and defaults for unknown", () => {
    for (const use of ["{% if my_switch %}a{% endif %}", "{% set mine = mine or 'a' %}{{ mine }}", "{{ given|default('a') }}", "{{ 'a' if given is defined }}", "{% if not a_switch and messages %}{% endif %}"]) {
      assert.deepEqual(rules(`${SOUND}${use}`).filter((rule) => rule.includes("unknown")), [], use);
    }
  });

  it("has two prompts for what a probe finds", () => {
    const source = SOUND.replace("'<|start|>assistant\\n'", "'<|start|>assistant:'");
    const evidence = probeEvidence(source, "generation-prefix", { variables: TOKENS });
    assert.equal(evidence?.base.outcome.kind, "prompt");
    assert.equal(evidence.probed.outcome.kind, "prompt");
    assert.notDeepEqual(evidence.base.outcome, evidence.probed.outcome);
  });

  it("ends on any text, also where templates run away", () => {
    const endless = `{% for a in range(99999) %}{% for b in range(99999) %}{{ messages }}{% endfor %}{% endfor %}`;
    assert.ok(rules(endless).includes("template/too-slow"));
    for (const source of ["", "{{", "{% for", "{#", "{{ '".repeat(1000), "{% if x %}".repeat(300), "((((".repeat(500), "\u0000\ud800"]) checkTemplate(source, { variables: {} });
  });

  it("has a rule for every probe it reports, and each id once", () => {
    assert.equal(new Set(TEMPLATE_RULES.map(({ id }) => id)).size, TEMPLATE_RULES.length);
    for (const id of Object.keys(PROBED) as ProbedId[]) assert.match(PROBED[id].id, /^template\//);
  });
});
