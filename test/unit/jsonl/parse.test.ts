import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { JsonValue } from "../../../extension/core/dataset/conversation";
import { MAX_NESTING, parseJson } from "../../../extension/core/jsonl/parse";
import { pointerOf } from "../../../extension/core/jsonl/pointer";
import type { JsonTree, NodeId } from "../../../extension/core/jsonl/tree";
import { Random } from "../../support/random";

/** What `JSON.parse` would give, read off the tree. */
function valueOf(tree: JsonTree, node: NodeId): JsonValue {
  switch (tree.kind(node)) {
    case "object": {
      const object: Record<string, JsonValue> = {};
      for (const key of tree.children(node)) {
        Object.defineProperty(object, tree.string(key), { value: valueOf(tree, tree.valueOf(key)), enumerable: true, configurable: true, writable: true });
      }
      return object;
    }
    case "array":
      return tree.children(node).map((child) => valueOf(tree, child));
    case "string":
      return tree.string(node);
    case "number":
      return Number(tree.source(node));
    case "true":
      return true;
    case "false":
      return false;
    default:
      return null;
  }
}

function accepts(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function randomValue(random: Random, depth: number): JsonValue {
  const kind = random.int(depth > 4 ? 5 : 8);
  if (kind === 0) return random.pick([null, true, false]);
  if (kind === 1) return random.pick([0, -1, 1.5, 1e21, 1e-7, 123456789]);
  if (kind <= 4) return randomString(random);
  if (kind <= 5) return Array.from({ length: random.int(4) }, () => randomValue(random, depth + 1));
  return Object.fromEntries(Array.from({ length: random.int(4) }, () => [randomString(random), randomValue(random, depth + 1)]));
}

function randomString(random: Random): string {
  const pieces = ["a", "é", "日本", "😀", '"', "\\", "\n", "\t", "/", "\u0000", "role", "__proto__", "\u2028", " "];
  return Array.from({ length: random.int(6) }, () => random.pick(pieces)).join("");
}

describe("parseJson on valid JSON", () => {
  it("reads what JSON.parse reads, for 5,000 random values in several layouts", () => {
    const random = new Random(1);
    for (let i = 0; i < 5000; i++) {
      const value = randomValue(random, 0);
      const text = JSON.stringify(value, null, random.pick([undefined, 1, "\t"]));
      const { tree, problems } = parseJson(text);
      assert.deepEqual(problems, [], text);
      assert.deepEqual(valueOf(tree, 0), JSON.parse(text), text);
    }
  });

  it("keeps for every node the range that parses to its value", () => {
    const random = new Random(2);
    for (let i = 0; i < 500; i++) {
      const { tree } = parseJson(JSON.stringify(randomValue(random, 0), null, 2));
      for (let node = 0; node < tree.size; node++) assert.deepEqual(JSON.parse(tree.source(node)), valueOf(tree, node));
    }
  });

  it("maps characters of a string through its escapes", () => {
    const text = '{"a": "x\\n\\u00e9\\ud83d\\ude00y"}';
    const { tree } = parseJson(text);
    const node = 2;
    assert.equal(tree.string(node), "x\né😀y");
    const spans = [0, 1, 2, 3, 5].map((at) => {
      const { start, end } = tree.stringSpan(node, at, at + (at === 3 ? 2 : 1));
      return text.slice(start, end);
    });
    assert.deepEqual(spans, ["x", "\\n", "\\u00e9", "\\ud83d\\ude00", "y"]);
  });

  it("takes the last of duplicate keys, as JSON.parse does", () => {
    const { tree } = parseJson('{"a":1,"a":2}');
    const key = tree.member(0, "a");
    assert.ok(key !== undefined);
    assert.equal(tree.source(tree.valueOf(key)), "2");
  });

  it("finds the innermost value at an offset", () => {
    const text = '{"messages": [{"role": "user"}]}';
    const { tree } = parseJson(text);
    const at = (needle: string): string => pointerOf(tree, tree.innermostAt(text.indexOf(needle) + 1) ?? -1);
    assert.equal(at('"user"'), "/messages/0/role");
    assert.equal(at('"role"'), "/messages/0/role");
    assert.equal(at("[{"), "/messages/0");
  });
});

/** Text, the codes expected, and the characters that the first problem must cover. */
const BROKEN: readonly (readonly [string, readonly string[], string])[] = [
  ["", ["empty"], ""],
  ["{", ["unclosed"], "{"],
  ['{"a": 1', ["unclosed"], "1"],
  ['{"a": "x', ["unterminated-string"], '"x'],
  ['{"a": 1,}', ["extra-comma"], ","],
  ["[1,,2]", ["extra-comma"], ","],
  ["[,1]", ["extra-comma"], ","],
  ['{"a" 1}', ["missing-colon"], "1"],
  ['{"a"}', ["missing-colon"], "}"],
  ['{"a":}', ["missing-value"], "}"],
  ['{"a": 1 "b": 2}', ["missing-comma"], '"'],
  ["{a: 1}", ["bad-key"], "a"],
  ["{'a': 1}", ["single-quotes"], "'a'"],
  ['{"a": True}', ["unexpected-word"], "True"],
  ['{"a": NaN}', ["unexpected-word"], "NaN"],
  ['{"a": -Infinity}', ["bad-number"], "-Infinity"],
  ['{"a": 01}', ["bad-number"], "01"],
  ['{"a": 1.}', ["bad-number"], "1."],
  ['{"a": "\t"}', ["control-character"], "\t"],
  ['{"a": "\\x"}', ["bad-escape"], "\\x"],
  ['{"a": "\\u12"}', ["bad-escape"], "\\u"],
  ['{"a": 1} {"b": 2}', ["extra-value"], '{"b": 2}'],
  ['{"a": [1}', ["mismatched-bracket", "unclosed"], "}"],
  ['{"a": 1]', ["mismatched-bracket"], "]"],
  ['{"a": 1 /* c */}', ["comment"], "/* c */"],
  ["\u0000", ["unexpected-character"], "\u0000"],
  ['{"a": 1, "b": tru, "c": \'x\', "d": 01}', ["unexpected-word", "single-quotes", "bad-number"], "tru"],
];

describe("parseJson on broken JSON", () => {
  for (const [text, codes, marked] of BROKEN) {
    it(`reports ${codes.join(", ")} in ${JSON.stringify(text)}`, () => {
      const { problems } = parseJson(text);
      const found = problems.map((problem) => problem.code);
      if (codes.includes("unclosed") && codes.length > 1) assert.equal(found[0], codes[0]);
      else assert.deepEqual(found, codes);
      assert.equal(text.slice(problems[0]?.start, problems[0]?.end), marked);
    });
  }

  it("never throws, and finds problems exactly where JSON.parse refuses, for 30,000 mutated rows", () => {
    const random = new Random(3);
    const alphabet = ["{", "}", "[", "]", ",", ":", '"', "\\", "'", "1", "-", ".", "e", "t", "true", "null", " ", "\n", "\u0000", "é", "😀", "/", "//", "/*", "\ud800"];
    for (let i = 0; i < 30_000; i++) {
      let text = JSON.stringify(randomValue(random, 1));
      for (let edits = 1 + random.int(3); edits > 0; edits--) {
        const at = random.int(text.length + 1);
        text = text.slice(0, at) + (random.int(2) === 0 ? random.pick(alphabet) : "") + text.slice(at + random.int(3));
      }
      const { problems, tree } = parseJson(text);
      assert.equal(problems.length === 0, accepts(text), JSON.stringify(text));
      for (const problem of problems) assert.ok(problem.start >= 0 && problem.start <= problem.end && problem.end <= text.length, JSON.stringify([text, problem]));
      for (let node = 0; node < tree.size; node++) pointerOf(tree, node);
    }
  });

  it("stops at the nesting limit, however deep the text is", () => {
    const problems = parseJson("[".repeat(100_000)).problems;
    assert.deepEqual(problems.map((problem) => [problem.code, problem.start]), [["too-deep", MAX_NESTING]]);
    assert.deepEqual(parseJson("[".repeat(MAX_NESTING) + "]".repeat(MAX_NESTING)).problems, []);
  });
});
