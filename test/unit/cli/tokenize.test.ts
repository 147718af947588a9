import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import * as path from "node:path";
import { Readable } from "node:stream";
import { before, test } from "node:test";
import { runCli } from "../../../extension/cli/commands";
import { temporaryFolder } from "../../support/cleanup";
import { FIRST_ADDED, addedToken, smallByteLevel } from "../../support/tokenizer/byteLevel";
import { rustFromJson } from "../../support/tokenizer/rust";
import { fakeHost, MemoryStream } from "./fakes";

const BOS = { SpecialToken: { id: "<s>", type_id: 0 } };
const TOKENIZER = smallByteLevel({
  added_tokens: [addedToken(FIRST_ADDED, "<s>", { special: true })],
  post_processor: { type: "TemplateProcessing", single: [BOS, { Sequence: { id: "A", type_id: 0 } }], pair: [], special_tokens: { "<s>": { id: "<s>", ids: [FIRST_ADDED], tokens: ["<s>"] } } },
});
const folder = temporaryFolder("tokenize");

before(() => writeFileSync(path.join(folder, "tokenizer.json"), JSON.stringify(TOKENIZER)));

async function run(args: readonly string[], input = ""): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const stdout = new MemoryStream();
  const stderr = new MemoryStream();
  const host = fakeHost({ stdout, stderr, stdin: Readable.from([Buffer.from(input)]), cwd: folder });
  const code = await runCli(["tokenize", ...args], host);
  return { code, stdout: stdout.text, stderr: stderr.text };
}

async function expected(text: string, specialTokens: boolean): Promise<object> {
  const { ids, offsets } = await rustFromJson(TOKENIZER).encode(text, specialTokens);
  return { ids, offsets: ids.map((_, i) => [offsets[2 * i], offsets[2 * i + 1]]) };
}

test("one text, with and without the tokens around it", async () => {
  for (const text of ["Hello <s> 😀 é", "", "-", "--no-special"]) {
    const { code, stdout } = await run(["--model", ".", "--text", text]);
    assert.equal(code, 0);
    const result = JSON.parse(stdout) as { readonly offsets: readonly unknown[] };
    assert.deepEqual(result, { id: null, ...(await expected(text, true)) });
    assert.deepEqual(result.offsets[0], [0, 0]);
    const without = await run(["--no-special", "--model", folder, `--text=${text}`]);
    assert.deepEqual(JSON.parse(without.stdout), { id: null, ...(await expected(text, false)) });
  }
});

test("a batch: one line in, one line out, with the ids as they came", async () => {
  const input = '{"id":12345678901234567890,"text":"a b"}\r\n\n{"text":"\\ud83d\\ude00 \\ud800","id":"x"}\n{"text":""}';
  const { code, stdout } = await run(["--model", ".", "--batch", "-", "--no-special"], input);
  assert.equal(code, 0);
  const lines = stdout.trimEnd().split("\n");
  assert.equal(lines.length, 3);
  assert.match(lines[0] ?? "", /^\{"id":12345678901234567890,"ids":\[/);
  assert.deepEqual(JSON.parse(lines[1] ?? ""), { id: "x", ...(await expected("😀 \ufffd", false)) });
  assert.equal(lines[2], '{"id":null,"ids":[],"offsets":[]}');
});

test("errors: 2, and one line that says where; what came before is written", async () => {
  for (const [input, message] of [
    ['{"text":"a"}\n{"text":}', /standard input:2:9: /],
    ['{"text":"a"}\n{"text":1}', /standard input:2: .*"text"/],
    ['{"text":"a"}\n[]', /standard input:2: .*object/],
  ] as const) {
    const { code, stdout, stderr } = await run(["--model", ".", "--batch", "-"], input);
    assert.equal(code, 2);
    assert.equal(stdout.split("\n").length, 2);
    assert.match(stderr, message);
    assert.equal(stderr.trimEnd().split("\n").length, 1);
  }
});

test("wrong usage: 2", async () => {
  for (const [args, message] of [
    [["--text", "x"], /--model/],
    [["--model", "."], /--text S/],
    [["--model", ".", "--text", "x", "--batch", "-"], /either/],
    [["--model", ".", "--text", "x", "--text=y"], /twice/],
    [["--model", ".", "file.jsonl"], /--batch file\.jsonl/],
    [["--model", ".", "--batch", "none.jsonl"], /There is no file none\.jsonl/],
    [["--model", "none", "--text", "x"], /There is no model none/],
  ] as const) {
    const { code, stderr } = await run(args);
    assert.equal(code, 2, stderr);
    assert.match(stderr, message);
  }
});
