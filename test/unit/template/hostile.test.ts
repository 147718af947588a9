import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, it } from "node:test";
import { JinjaLimitError } from "../../../extension/core/jinja/errors";
import { MAX_SOURCE_LENGTH, parseTemplate } from "../../../extension/core/jinja/syntax/parser";
import { parseChatTemplate } from "../../../extension/core/template/environment";
import { type RenderInput, TemplateRefusal } from "../../../extension/core/template/renderer";
import { ENDLESS, LONG, TOO_DEEP, WRONG, hostileVariables } from "../../support/jinja/hostile";
import { Random } from "../../support/random";

/**
 * Of the templates that would not end, and of the long ones, every so many is tried here, with `TUNESMITH_FULL=1` all are; `npm run
 * bench -- hostile` measures each by itself.
 */
const STRIDE = process.env["TUNESMITH_FULL"] === "1" ? 1 : 8;

/** What all of these together may take with the load of a busy machine. The heap is bounded by itself, to what is needed at a time. */
const SECONDS = 150 * (STRIDE === 1 ? 5 : 1);
const MEGABYTES = 320;
const HEAP_MEGABYTES = 200;

const CHILD = "TUNESMITH_HOSTILE_TEMPLATES";

function every<T>(items: Readonly<Record<string, T>>, stride: number): readonly (readonly [string, T])[] {
  return Object.entries(items).filter((_, i) => i % stride === 0);
}

const CASES = [...every(ENDLESS, STRIDE), ...every(TOO_DEEP, 1), ...every(LONG, STRIDE), ...every(WRONG, STRIDE)];

/** Renders them in a process of their own, every other one with provenance, and prints how each ended and what memory they took. */
function inChild(): never {
  const input = { messages: [{ role: "user", content: "Hi" }], addGenerationPrompt: false, variables: hostileVariables() };
  const before = process.memoryUsage().rss;
  const ends = CASES.map(([name, source], i) => {
    // The last one named is the one that a dead process died of.
    process.stdout.write(`${name}\n`);
    try {
      parseChatTemplate(source, { name: "hostile" }).renderInput(input, { provenance: i % 2 === 0 });
      return "rendered";
    } catch (error) {
      if (!(error instanceof TemplateRefusal)) return String(error);
      return error.cause instanceof JinjaLimitError ? "limit" : error.type;
    }
  });
  process.stdout.write(`\n${JSON.stringify({ ends, megabytes: (process.resourceUsage().maxRSS * 1024 - before) / 2 ** 20 })}\n`);
  process.exit();
}

if (process.env[CHILD] !== undefined) inChild();

it(`hostile templates end in time, in bounded memory, and in errors with a type: ${CASES.length}`, () => {
  const { stdout, signal } = spawnSync(process.execPath, [`--max-old-space-size=${HEAP_MEGABYTES}`, process.argv[1] ?? ""], {
    env: { ...process.env, [CHILD]: "1", NODE_TEST_CONTEXT: "" },
    encoding: "utf8",
    timeout: SECONDS * 1000,
  });
  assert.equal(signal, null, `the process died, or took too long, with: ${stdout.trim().split("\n").at(-1) ?? ""}`);
  const { ends, megabytes } = JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as { ends: string[]; megabytes: number };
  const unexpected = CASES.flatMap(([name], i) => (isExpected(name, ends[i] ?? "") ? [] : [`${name}: ${ends[i] ?? ""}`]));
  assert.deepEqual(unexpected, []);
  assert.ok(megabytes < MEGABYTES, `${Math.round(megabytes)} MB`);
});

/** What Python says to templates that are too deep for it, or wrong. */
const REFUSALS: ReadonlySet<string> = new Set(["RecursionError", "SyntaxError", "TemplateSyntaxError", "TemplateAssertionError", "TypeError", "UndefinedError", "ValueError", "TemplateRuntimeError"]);

function isExpected(name: string, end: string): boolean {
  if (ENDLESS[name] !== undefined) return end === "limit";
  if (LONG[name] !== undefined) return end === "rendered" || end === "limit" || REFUSALS.has(end);
  return REFUSALS.has(end);
}

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
  it("reads no template that is too long, and says so where it would go on", () => {
    const [longest, longer] = ["x".repeat(MAX_SOURCE_LENGTH), "x\n".repeat(MAX_SOURCE_LENGTH / 2 + 1)];
    assert.equal(parseChatTemplate(longest, { name: "long" }).render({ messages: [1], addGenerationPrompt: false, variables: {} }), longest);
    assert.throws(() => parseChatTemplate(longer, { name: "long" }), (error: TemplateRefusal) => {
      assert.ok(error.cause instanceof JinjaLimitError);
      assert.equal(error.cause.limit, "source-length");
      assert.equal(error.message, "The template has 200002 characters, and at most 200000 are read. Give long texts to it in messages or variables.");
      assert.deepEqual(error.place, { span: { start: MAX_SOURCE_LENGTH, end: longer.length }, line: MAX_SOURCE_LENGTH / 2 + 1, column: 1 });
      return true;
    });
    assert.deepEqual(parseTemplate(longer).tokens.map(({ start, end, value }) => [start, end, value === longer]), [[0, longer.length, true]]);
  });

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
