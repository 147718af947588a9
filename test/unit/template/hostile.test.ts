import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, it } from "node:test";
import { JinjaLimitError } from "../../../extension/core/jinja/errors";
import { parseTemplate } from "../../../extension/core/jinja/syntax/parser";
import { parseChatTemplate } from "../../../extension/core/template/environment";
import { type RenderInput, TemplateRefusal } from "../../../extension/core/template/renderer";
import { Random } from "../../support/random";

const loop = (body: string): string => `{% for i in range(90000) %}${body}{% endfor %}`;

/** Templates that would run for minutes or fill the memory. */
const ENDLESS: Readonly<Record<string, string>> = {
  "nested ranges": "{% for a in range(99999) %}{% for b in range(99999) %}x{% endfor %}{% endfor %}",
  "a macro that calls itself twice": "{% macro a(n) %}{% if n %}{{ a(n - 1) }}{{ a(n - 1) }}{% endif %}x{% endmacro %}{{ a(60) }}",
  "a long text": "{{ 'a' * 10**9 }}",
  "a text that doubles": "{% set ns = namespace(s='ab') %}{% for i in range(99) %}{% set ns.s = ns.s + ns.s %}{% endfor %}",
  "a list that holds itself twice": "{% set ns = namespace(s=[1]) %}{% for i in range(99) %}{% set ns.s = [ns.s, ns.s] %}{% endfor %}{{ ns.s }}",
  "a dict that holds itself twice": "{% set ns = namespace(s={}) %}{% for i in range(99) %}{% set ns.s = {'a': ns.s, 'b': ns.s} %}{% endfor %}{{ ns.s|tojson }}",
  "a long list": "{{ [1] * 10**9 }}",
  "a replacement that grows": "{% set ns = namespace(s='x') %}{% for i in range(50) %}{% set ns.s = ns.s|replace('x', 'xxxxxxxxxx') %}{% endfor %}",
  "replacements that match everywhere": loop("{% set y = big.replace('x', 'y') %}"),
  "searches that nearly match everywhere": loop("{% set y = big.find(almost) %}"),
  "containment that nearly matches everywhere": loop("{% set y = almost in big %}"),
  "replacements that nearly match everywhere": loop("{% set y = big|replace(almost, '') %}"),
  "slices with steps": loop("{% set y = big[::-1] %}"),
  "splits": loop("{% set y = big.split('x') %}"),
  "large powers": "{{ 10 ** 9999999 }}",
  "large integers as texts": `{% set n = 2 ** 14000 %}${loop("{% set y = n ~ '' %}")}`,
  "wide padding": "{{ 'a'.center(10**9) }}{{ '%1000000000d' % 1 }}",
  "deep indentation": "{{ ('\\n' * 1000)|indent('x' * 10**7) }}",
  "long wrapping": "{{ (big * 9)|wordwrap(1) }}",
};

/** What all of these together may take with the load of a busy machine. The heap is bounded by itself, to what is needed at a time. */
const SECONDS = 120;
const MEGABYTES = 320;
const HEAP_MEGABYTES = 180;

const CHILD = "TUNESMITH_HOSTILE_TEMPLATES";

function input(): RenderInput {
  return { messages: [{ role: "user", content: "Hi" }], addGenerationPrompt: false, variables: { big: "x".repeat(1_000_000), almost: `${"x".repeat(50_000)}y${"x".repeat(50_000)}` } };
}

/** Renders them in a process of their own, every other one with provenance, and prints how each ended and what memory they took. */
function inChild(): never {
  const before = process.memoryUsage().rss;
  const ends = Object.values(ENDLESS).map((source, i) => {
    try {
      parseChatTemplate(source, { name: "hostile" }).renderInput(input(), { provenance: i % 2 === 0 });
      return "rendered";
    } catch (error) {
      return error instanceof TemplateRefusal && error.cause instanceof JinjaLimitError ? "limit" : String(error);
    }
  });
  process.stdout.write(`\n${JSON.stringify({ ends, megabytes: (process.resourceUsage().maxRSS * 1024 - before) / 2 ** 20 })}\n`);
  process.exit();
}

if (process.env[CHILD] !== undefined) inChild();

it("a template that would run or grow without end ends in a limit", () => {
  const { stdout, signal } = spawnSync(process.execPath, [`--max-old-space-size=${HEAP_MEGABYTES}`, process.argv[1] ?? ""], {
    env: { ...process.env, [CHILD]: "1", NODE_TEST_CONTEXT: "" },
    encoding: "utf8",
    timeout: SECONDS * 1000,
  });
  assert.equal(signal, null, "it took too long");
  const { ends, megabytes } = JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as { ends: string[]; megabytes: number };
  assert.deepEqual(Object.fromEntries(Object.keys(ENDLESS).map((name, i) => [name, ends[i]])), Object.fromEntries(Object.keys(ENDLESS).map((name) => [name, "limit"])));
  assert.ok(megabytes < MEGABYTES, `${Math.round(megabytes)} MB`);
});

describe("a long row is no hostile one", () => {
  it("four million characters go through what templates do with a message", () => {
    const content = "some words of a long document\n".repeat(140_000);
    const template = parseChatTemplate(
      "{% for m in messages %}{% if '</think>' in m.content %}{{ m.content.split('</think>')[-1].lstrip('\\n') }}{% else %}{{ m.content | trim }}{{ m.content.strip()[:10] }}{{ m.content | length }}{% endif %}{% endfor %}{{ messages | tojson }}",
      { name: "long" },
    );
    const messages = [{ role: "user", content }, { role: "assistant", content: `<think>no</think>${content}` }];
    assert.ok(template.render({ messages, addGenerationPrompt: false, variables: {} }).length > 4 * content.length - 100);
  });

  it("twenty thousand messages render", () => {
    const template = parseChatTemplate("{% for m in messages %}<|{{ m.role }}|>{{ m.content | trim }}{% if loop.last %}!{% endif %}{% endfor %}", { name: "long" });
    const messages = Array.from({ length: 20_000 }, (_, i) => ({ role: "user", content: ` ${i} ` }));
    assert.equal(template.render({ messages, addGenerationPrompt: false, variables: {} }).length, 20_000 * "<|user|>".length + messages.reduce((sum, { content: text }) => sum + text.length - 2, 1));
  });
});

describe("names of JavaScript are plain data", () => {
  it("as keys, names and attributes", () => {
    const variables = JSON.parse('{"d": {"__proto__": 1, "constructor": 2, "toString": 3}, "constructor": 4, "toString": 5}') as RenderInput["variables"];
    const render = (text: string): string => parseChatTemplate(text, { name: "names" }).render({ messages: [1], addGenerationPrompt: false, variables });
    assert.equal(render("{{ d['__proto__'] }}{{ d.constructor }}{{ d['toString'] }}{{ constructor }}{{ toString }}"), "12345");
    assert.equal(render("{{ hasOwnProperty is defined }}{{ valueOf is defined }}{{ d.valueOf is defined }}{{ {}.constructor is defined }}"), "FalseFalseFalseFalse");
    assert.equal(render("{% set __proto__ = 1 %}{{ __proto__ }}{{ {'__proto__': 2} }}{{ namespace(constructor=3).constructor }}"), "1{'__proto__': 2}3");
    assert.equal(render("{{ d|dictsort|length }}{{ d|tojson }}"), '3{"__proto__": 1, "constructor": 2, "toString": 3}');
  });
});

describe("the parser", () => {
  it("throws nothing and ends, whatever it is given: 3,000 random texts", () => {
    const random = new Random(5);
    const parts = ["{{", "}}", "{%", "%}", "{#", "#}", "-", "+", " ", "\n", "\r\n", "if", "for", "in", "endif", "endfor", "set", "macro", "raw", "endraw", "'", '"', "\\", "(", ")", "[", "]", "{", "}", "|", ".", ",", ":", "~", "*", "**", "==", "x", "é", "😀", "\ud800", "1", "1.5", "0x", "_", "\0", "not", "is", "else", "block", "generation"];
    for (let i = 0; i < 3000; i++) {
      const text = Array.from({ length: random.int(40) }, () => random.pick(parts)).join(random.pick(["", " "]));
      const { tokens } = parseTemplate(text);
      assert.equal(tokens.map(({ start, end }) => text.slice(start, end)).join(""), text, "the tokens are the whole text");
    }
  });

  it("ends on deep nesting", () => {
    for (const text of ["{{ " + "(".repeat(50_000), "{{ " + "[".repeat(50_000), "{% if x %}".repeat(5_000), "{{ " + "not ".repeat(50_000) + "x }}", "{{ x" + "|f".repeat(50_000) + " }}", "{{ x" + ".a".repeat(50_000) + " }}", "{{ " + "-".repeat(50_000) + "1 }}", "{{ '" + "a".repeat(1_000_000)]) {
      const { errors } = parseTemplate(text);
      assert.ok(Array.isArray(errors));
      try {
        parseChatTemplate(text, { name: "deep" }).render({ messages: [1], addGenerationPrompt: false, variables: {} });
      } catch (error) {
        assert.ok(error instanceof TemplateRefusal, String(error));
      }
    }
  });
});
