import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { test, type TestContext } from "node:test";
import { runCli } from "../../../extension/cli/commands";
import type { CliHost } from "../../../extension/cli/host";
import { FIXTURES, haveFixtures } from "../../support/fixtures";
import { fakeHost, temporaryFolder, type FakeHost } from "./fakes";

const CHAT = '{"messages": [{"role": "user", "content": "Hi 😀"}], "x": 1.0}';

/** A host in a folder with templates, data and a model. */
function hostIn(t: TestContext, changes: Partial<CliHost> = {}): FakeHost {
  const cwd = temporaryFolder(t);
  const files: Record<string, string> = {
    "chat.jinja": "{{ bos_token }}{% for m in messages %}<{{ m.content }}>{% endfor %}{{ x }}\n",
    "bad.jinja": "a\n{% if %}",
    "refuses.jinja": "a\n{{ raise_exception('No.') }}",
    "now.jinja": "{{ strftime_now('%Y-%m-%d %H') }}",
    "data.json": CHAT,
    "messages.json": '[{"role": "user", "content": "q"}]',
    "broken.json": "{",
    "model/chat_template.jinja": "{{ bos_token }}{{ messages[0].content }}",
    "model/additional_chat_templates/rag.jinja": "rag {{ messages|length }}",
    "model/tokenizer_config.json": '{"bos_token": "<s>"}',
    "model/tokenizer.json": JSON.stringify(TOKENIZER),
    "named/tokenizer_config.json": JSON.stringify({
      eos_token: { content: "</s>", lstrip: false },
      chat_template: [
        { name: "default", template: "plain {{ messages[0].content }}{{ eos_token }}" },
        { name: "tool_use", template: "{{ tools | tojson }}" },
      ],
    }),
    "tools.json": '{"messages": [{"role": "user", "content": "q"}], "tools": [{"type": "function"}]}',
  };
  for (const folder of ["model/additional_chat_templates", "named"]) mkdirSync(join(cwd, folder), { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text);
  return fakeHost({ cwd, ...changes });
}

const TOKENIZER = {
  version: "1.0",
  truncation: null,
  padding: null,
  added_tokens: [{ id: 3, content: "<s>", single_word: false, lstrip: false, rstrip: false, normalized: false, special: true }],
  normalizer: null,
  pre_tokenizer: { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true },
  post_processor: null,
  decoder: { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true },
  model: { type: "BPE", dropout: null, unk_token: null, continuing_subword_prefix: "", end_of_word_suffix: "", fuse_unk: false, vocab: { a: 0, b: 1, Ġ: 2 }, merges: [] },
};

async function run(t: TestContext, args: readonly string[], stdin = ""): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  const host = hostIn(t, { stdin: Readable.from([Buffer.from(stdin)]) });
  const code = await runCli(["render", ...args], host);
  return { code, out: host.stdout.text, err: host.stderr.text };
}

/** The results of a batch, which are given as objects or as the lines themselves. */
async function batch(t: TestContext, lines: readonly (object | string)[], args: readonly string[] = []): Promise<{ readonly code: number; readonly results: readonly Record<string, unknown>[] }> {
  const input = lines.map((line) => `${typeof line === "string" ? line : JSON.stringify(line)}\n`).join("");
  const { code, out } = await run(t, ["--batch", "-", ...args], input);
  return { code, results: out.split("\n").filter(Boolean).map((line) => JSON.parse(line) as Record<string, unknown>) };
}

test("one prompt, as it is", async (t) => {
  assert.deepEqual(await run(t, ["--template", "chat.jinja", "--data", "data.json"]), { code: 0, out: "<Hi 😀>1.0", err: "" });
  assert.equal((await run(t, ["--template", "chat.jinja", "--data", "messages.json"])).out, "<q>");
  assert.equal((await run(t, ["--template", "chat.jinja", "--data", "-"], CHAT)).out, "<Hi 😀>1.0");
  assert.equal((await run(t, ["--template", "now.jinja", "--data", "data.json", "--now", "2026-07-26T09:05:03"])).out, "2026-07-26 09");
  assert.equal((await run(t, ["--template", "now.jinja", "--data", "data.json", "--now", "2026-07-26"])).out, "2026-07-26 00");
});

test("a model's templates and special tokens", async (t) => {
  assert.equal((await run(t, ["--model", "model", "--data", "data.json"])).out, "<s>Hi 😀");
  assert.equal((await run(t, ["--model", "model", "--template-name", "rag", "--data", "data.json"])).out, "rag 1");
  assert.equal((await run(t, ["--model", "model", "--template", "chat.jinja", "--data", "data.json"])).out, "<s><Hi 😀>1.0");
  assert.match((await run(t, ["--model", "model", "--template-name", "no", "--data", "data.json"])).err, /no chat template 'no'/);
});

test("the templates that a tokenizer_config.json names", async (t) => {
  assert.equal((await run(t, ["--model", "named", "--data", "data.json"])).out, "plain Hi 😀</s>");
  assert.equal((await run(t, ["--model", "named", "--data", "tools.json"])).out, '[{"type": "function"}]');
  assert.equal((await run(t, ["--model", "named", "--template-name", "default", "--data", "tools.json"])).out, "plain q</s>");
  assert.match((await run(t, ["--model", "named", "--template-name", "no", "--data", "data.json"])).err, /Choose one of default, tool_use with --template-name/);
});

if (haveFixtures("GGUF vocabularies")) {
  const model = (name: string): string => join(FIXTURES, "tokenizers/ggml-vocab", `ggml-vocab-${name}.gguf`);

  test("the template and the tokens of a GGUF file", async (t) => {
    const { code, out } = await run(t, ["--model", model("phi-3"), "--data", "messages.json", "--format", "json", "--tokens"]);
    const { text, ids } = JSON.parse(out) as { text: string; ids: number[] };
    assert.deepEqual([code, text], [0, "<s><|user|>\nq<|end|>\n<|assistant|>\n"]);
    assert.equal(ids[0], 1);
    assert.match((await run(t, ["--model", model("gpt-2"), "--data", "messages.json"])).err, /has no chat template\. Give one with --template FILE\./);
  });
}

test("one prompt as JSON, with segments", async (t) => {
  const { out } = await run(t, ["--template", "chat.jinja", "--data", "data.json", "--format", "json", "--segments"]);
  const result = JSON.parse(out) as { version: number; text: string; segments: { start: number; end: number; pointer?: string; source?: number[] }[] };
  assert.equal(result.version, 1);
  assert.equal(result.text, "<Hi 😀>1.0");
  const content = result.segments.find((segment) => segment.pointer === "/messages/0/content");
  assert.deepEqual([content?.start, content?.end, content?.source], [1, 6, [0, 5]]);
  assert.match((await run(t, ["--template", "chat.jinja", "--data", "data.json", "--segments"])).out, /^0-1\t1:\d+\t\t"<"\n1-6\t1:\d+\t\/messages\/0\/content\[0:5\]\t"Hi 😀"\n/);
});

test("a refusal: 1, and where", async (t) => {
  const refused = await run(t, ["--template", "refuses.jinja", "--data", "data.json"]);
  assert.deepEqual([refused.code, refused.out], [1, ""]);
  assert.match(refused.err, /^refuses\.jinja:2:\d+: TemplateError: No\.\n$/);
  assert.match((await run(t, ["--template", "bad.jinja", "--data", "data.json"])).err, /^bad\.jinja:2:\d+: TemplateSyntaxError: Expected an expression/);
  const json = await run(t, ["--template", "refuses.jinja", "--data", "data.json", "--format", "json"]);
  assert.equal(json.code, 1);
  const { error } = JSON.parse(json.out) as { error: Record<string, unknown> };
  assert.deepEqual([error["type"], error["message"], error["line"]], ["TemplateError", "No.", 2]);
});

test("wrong usage: 2, and one line that helps", async (t) => {
  for (const [line, expected] of [
    ["", /either --data FILE\.json .* or --batch/],
    ["--data a --batch b", /either --data/],
    ["--data data.json", /No template: give --template FILE or --model M/],
    ["data.json", /write --data data\.json or --batch data\.json/],
    ["--data data.json --template chat.jinja --tokens", /--tokens needs a tokenizer/],
    ["--data no.json --template chat.jinja", /There is no file no\.json/],
    ["--data data.json --template no.jinja", /There is no template file no\.jinja/],
    ["--data broken.json --template chat.jinja", /broken\.json:1:1: /],
    ["--batch no.jsonl", /There is no file no\.jsonl/],
    ["--data data.json --template chat.jinja --format xml", /--format does not know "xml"/],
    ["--model nowhere --data data.json", /nowhere/],
  ] as const) {
    const { code, out, err } = await run(t, line.split(" ").filter(Boolean));
    assert.equal(code, 2, line);
    assert.match(err, expected);
    assert.match(err, /^tunesmith: [^\n]+\n$/);
    assert.equal(out, "");
  }
});

test("a batch: one line in, one line out, in order", async (t) => {
  const { code, results } = await batch(t, [
    { id: 1, source: "{{ messages[0].content }}", data: { messages: [{ role: "user", content: "a" }] } },
    { id: "b", template: "chat.jinja", data: { messages: [] } },
    "",
    '{"id": 3.50, "source": "{{ x }} {{ y }}", "data": {"x": 1.0, "y": 12345678901234567890}}',
    { source: "{{ nosuch.x }}", data: {} },
  ]);
  assert.equal(code, 1);
  assert.deepEqual(results.slice(0, 3), [
    { id: 1, text: "a" },
    { id: "b", error: { type: "IndexError", message: "list index out of range" } },
    { id: 3.5, text: "1.0 12345678901234567890" },
  ]);
  assert.equal(results[3]?.["id"], null);
  assert.equal((results[3]["error"] as { type: string }).type, "UndefinedError");
});

test("a batch goes on after what it cannot use", async (t) => {
  const { code, results } = await batch(t, ["{", "[]", { id: 2, template: "no.jinja" }, { id: 3, source: 1 }, { id: 4, source: "x", trim_blocks: 1 }, { id: 5, source: "ok" }]);
  assert.equal(code, 1);
  assert.deepEqual(results.map(({ id, error, text }) => [id, (error as { type?: string } | undefined)?.type ?? text]), [
    [null, "JSONDecodeError"],
    [null, "JSONDecodeError"],
    [2, "TemplateNotFound"],
    [3, "JSONDecodeError"],
    [4, "JSONDecodeError"],
    [5, "ok"],
  ]);
});

test("a batch's white space is the chat template's unless a line says otherwise", async (t) => {
  const source = "  {% if true %}\nx\n  {% endif %}\n";
  const { code, results } = await batch(t, [{ source }, { source, trim_blocks: false, lstrip_blocks: false }, { source, keep_trailing_newline: true, trim_blocks: false }]);
  assert.equal(code, 0);
  assert.deepEqual(results.map(({ text }) => text), ["x\n", "  \nx\n  ", "\nx\n\n"]);
});

test("generation spans and continued messages", async (t) => {
  const messages = [{ role: "user", content: "q" }, { role: "assistant", content: "so " }];
  const source = "{% for m in messages %}{{ m.role }}:{% generation %}{{ m.content }}{% endgeneration %};{% endfor %}";
  const { results } = await batch(t, [{ source, data: { messages } }, { source, data: { messages, continue_final_message: true } }, { source: "x", data: { messages } }]);
  assert.deepEqual(results, [
    { id: null, text: "user:q;assistant:so ;", generation: [[5, 6], [17, 20]] },
    { id: null, text: "user:q;assistant:so ", generation: [[5, 6], [17, 20]] },
    { id: null, text: "x" },
  ]);
});

test("tokens and masks with a model", async (t) => {
  const source = "{% generation %}a{% endgeneration %}b{{ bos_token }} {% generation %}ab{% endgeneration %}b";
  const { results } = await batch(t, [{ source, data: {} }, { source: "ab", data: {} }], ["--model", "model", "--tokens"]);
  // The first span ends in token 0, and so everything is trained on: transformers#47325.
  assert.deepEqual(results[0], { id: null, text: "ab<s> abb", generation: [[0, 1], [6, 8]], ids: [0, 1, 3, 2, 0, 1, 1], mask: "1111111" });
  assert.deepEqual(results[1], { id: null, text: "ab", ids: [0, 1] });
});

test("the lines of a batch may come in any pieces", async (t) => {
  const text = Buffer.from('{"id":1,"source":"é😀"}\r\n{"id":2,"source":"b"}');
  const host = hostIn(t, { stdin: Readable.from(Array.from(text, (byte) => Buffer.from([byte]))) });
  assert.equal(await runCli(["render", "--batch", "-"], host), 0);
  assert.equal(host.stdout.text, '{"id":1,"text":"é😀"}\n{"id":2,"text":"b"}\n');
});
