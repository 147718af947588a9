import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { cacheFolderOf, isInside, isRevision, parseHubId } from "../../../../extension/node/hub/hubId";

describe("parseHubId", () => {
  const cases: readonly (readonly [string, readonly [string, string | undefined, string | undefined] | undefined])[] = [
    ["Qwen/Qwen3-0.6B", ["Qwen/Qwen3-0.6B", undefined, undefined]],
    ["Qwen/Qwen3-0.6B/", ["Qwen/Qwen3-0.6B", undefined, undefined]],
    ["meta-llama/Meta-Llama-3.1-8B@main", ["meta-llama/Meta-Llama-3.1-8B", "main", undefined]],
    ["a/b@refs/pr/1", ["a/b", "refs/pr/1", undefined]],
    ["a/b@v1.0", ["a/b", "v1.0", undefined]],
    ["bartowski/X-GGUF/X-Q4_K_M.gguf", ["bartowski/X-GGUF", undefined, "X-Q4_K_M.gguf"]],
    ["a/b/deep/X.GGUF@dev", ["a/b", "dev", "deep/X.GGUF"]],
    ["hf://a/b", ["a/b", undefined, undefined]],
    ["hf://models/a/b@dev", ["a/b", "dev", undefined]],
    ["https://huggingface.co/a/b", ["a/b", undefined, undefined]],
    ["https://huggingface.co/a/b/tree/refs%2Fpr%2F3", ["a/b", "refs/pr/3", undefined]],
    ["https://hf.co/a/b/tree/main", ["a/b", "main", undefined]],
    ["gpt2", undefined],
    ["", undefined],
    ["a/b/c", undefined],
    ["a/b/tokenizer.json", undefined],
    ["./a/b", undefined],
    ["../b", undefined],
    ["/a/b", undefined],
    ["a//b", undefined],
    ["a/b@", undefined],
    ["a/b@../../x", undefined],
    ["a/b@-rf", undefined],
    ["a/b@x y", undefined],
    ["a/b\\c", undefined],
    ["a/b--c", undefined],
    ["a/b..c", undefined],
    ["a/b.git", undefined],
    ["a/-b", undefined],
    ["a/../b/x.gguf", undefined],
    ["a/b/../x.gguf", undefined],
    ["é/b", undefined],
    [`a/${"b".repeat(97)}`, undefined],
    ["https://huggingface.co/a/b/tree/%", ["a/b", "%", undefined]],
  ];
  for (const [text, expected] of cases) {
    it(`${text} is ${expected === undefined ? "no id" : expected.filter(Boolean).join(" ")}`, () => {
      const id = parseHubId(text);
      assert.deepEqual(id && [id.repository, id.revision, id.file], expected);
    });
  }
});

describe("names that strangers choose", () => {
  for (const name of ["config.json", "a/b.json", "..a", "a..b/c", "C", "weird name (1).json", "ü.json"]) it(`${name} is inside`, () => assert.ok(isInside(name)));
  for (const name of ["", "..", "../a", "a/../../b", "/etc/passwd", "a//b", "a/./b", "a\\..\\b", "\\\\host\\share", "C:/a", "a/C:b", "a\0b", "a\nb"]) {
    it(`${JSON.stringify(name)} is not`, () => assert.ok(!isInside(name)));
  }
  for (const name of ["main", "v1.0", "refs/pr/12", "feature/x", "a".repeat(255)]) it(`${name.slice(0, 20)} may be a revision`, () => assert.ok(isRevision(name)));
  for (const name of ["", "a".repeat(256), "..", "a/../b", "/a", "a/", "a//b", ".a", "a/.b", "-a", "a b", "a:b", "a\\b", "a?b", "a*b", "a\0"]) {
    it(`${JSON.stringify(name.slice(0, 20))} may not`, () => assert.ok(!isRevision(name)));
  }
  it("the cache's folder has the parts of the id", () => assert.equal(cacheFolderOf("julien-c/EsperBERTo-small"), "models--julien-c--EsperBERTo-small"));
});
