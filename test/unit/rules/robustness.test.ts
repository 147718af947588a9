import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { JsonObject, JsonValue } from "../../../extension/core/dataset/conversation";
import { isList, isObject, valueAt } from "../../../extension/core/dataset/values";
import { assistant, calls, chat, judge, shareGpt, system, tool, user } from "./judge";

/** Random numbers in [0, 1) that are the same in every run (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const NAMES = [
  "messages conversations conversation prompt completion response chosen rejected preferred_output non_preferred_output input output instruction",
  "history label text question answer tools functions system role from content value type name arguments function tool_calls function_call",
  "reasoning_content weight image_url ground_truth __proto__ constructor toString a/b c~d",
]
  .join(" ")
  .split(" ");
const WORDS = ["", " ", "user", "assistant", "system", "tool", "human", "gpt", "function_call", "observation", "text", "tool_call", "image", "{}", "[", "\ud800"];

class Generator {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = seeded(seed);
  }

  below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new Error("nothing to pick from");
    return item;
  }

  value(depth: number): JsonValue {
    const kind = this.below(depth > 0 ? 9 : 5);
    if (kind === 0) return null;
    if (kind === 1) return this.below(2) === 0;
    if (kind === 2) return this.below(3) - 1;
    if (kind < 5) return this.pick(WORDS);
    if (kind < 7) return Array.from({ length: this.below(4) }, () => this.value(depth - 1));
    return this.object(depth);
  }

  object(depth: number): JsonObject {
    const entries = Array.from({ length: this.below(6) }, () => [this.pick(NAMES), this.value(depth - 1)] as const);
    // As JSON.parse makes it: `__proto__` is a member like any other.
    return Object.fromEntries(entries);
  }

  /** The value with one member, element or leaf replaced, removed or repeated. */
  mutate(value: JsonValue): JsonValue {
    if (this.below(4) === 0 || (!isList(value) && !isObject(value))) return this.value(2);
    if (isList(value)) {
      if (value.length === 0) return [this.value(2)];
      const at = this.below(value.length);
      const item = value[at] ?? null;
      const replaced = this.pick<() => JsonValue[]>([() => [this.mutate(item)], () => [], () => [item, item]])();
      return [...value.slice(0, at), ...replaced, ...value.slice(at + 1)];
    }
    const names = Object.keys(value);
    if (names.length === 0) return this.object(2);
    const name = this.pick(names);
    const others = Object.entries(value).filter(([other]) => other !== name);
    return Object.fromEntries(this.below(3) === 0 ? others : [...others, [name, this.mutate(value[name] ?? null)]]);
  }
}

const GOOD: readonly JsonObject[] = [
  chat(system("s"), user("a"), assistant("b")),
  { ...chat(user([{ type: "text", text: "a" }, { type: "image", image: "x" }]), calls(null), tool("1"), assistant("b")), tools: "[]" },
  shareGpt(["human", "a"], ["function_call", '{"name":"f","arguments":{}}'], ["observation", "1"], ["gpt", "b"]),
  { instruction: "a", input: "b", output: "c", system: "s", history: [["q", "a"]] },
  { prompt: [user("a")], completion: [assistant("b")] },
  { prompt: "a", chosen: [user("a"), assistant("b")], rejected: [user("a"), assistant("c")] },
  { chosen: { messages: [user("a"), assistant("b")] }, rejected: { messages: [user("a"), assistant("c")] } },
  { input: { messages: [user("a")], tools: [] }, preferred_output: [assistant("b")], non_preferred_output: [assistant("c")] },
  { conversations: [{ from: "human", value: "a" }], chosen: { from: "gpt", value: "b" }, rejected: { from: "gpt", value: "c" } },
  { ...chat(user("a"), assistant("b")), label: true },
  { prompt: "a", completion: "b", label: false },
  { question: "a", answer: "b" },
  { text: "a" },
];

/** Judges the row; every place that is named must exist in it, or be a member that is reported at its owner. */
function check(row: JsonObject): boolean {
  const before = JSON.stringify(row);
  const findings = judge(row);
  assert.equal(JSON.stringify(row), before, "the row was changed");
  for (const finding of findings ?? []) {
    for (const { pointer } of [finding.place, ...(finding.related ?? []).map((related) => related.place)]) {
      assert.notEqual(valueAt(row, pointer), undefined, `${finding.rule} names ${pointer} in ${before}`);
    }
    assert.ok(finding.message.length > 0 && !finding.message.includes("undefined"), finding.message);
  }
  const keys = (findings ?? []).map((finding) => `${finding.rule} ${finding.place.pointer}`);
  assert.equal(new Set(keys).size, keys.length, `a finding is repeated: ${keys.join(", ")} in ${before}`);
  return findings !== undefined;
}

describe("no value makes a reader or a rule throw, or name a place that is not there", () => {
  test("random objects", () => {
    const generator = new Generator(1);
    let known = 0;
    for (let i = 0; i < 20_000; i++) if (check(generator.object(5))) known++;
    assert.ok(known > 2_000, `only ${known} rows had a format`);
  });

  for (const [index, row] of GOOD.entries()) {
    test(`mutations of ${Object.keys(row).join(", ")}`, () => {
      assert.deepEqual(judge(row), []);
      const generator = new Generator(100 + index);
      for (let i = 0; i < 1_500; i++) {
        let mutant: JsonValue = row;
        for (let step = generator.below(3); step >= 0; step--) mutant = generator.mutate(mutant);
        if (isObject(mutant)) check(mutant);
      }
    });
  }

  // Work that grows faster than the conversation would outlast the time that a file of tests has.
  test("a conversation of 100,000 turns is judged", () => {
    check(chat(...Array.from({ length: 100_000 }, (_, i) => (i % 2 === 0 ? system("s") : user("")))));
  });
});
