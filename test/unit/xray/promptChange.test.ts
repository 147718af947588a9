import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { serialize } from "node:v8";
import { sentChoices, sentPrompt } from "../../../extension/core/xray/sentPrompt";
import type { PromptView } from "../../../extension/protocol/webview/prompt";
import { type SentView, receivedView } from "../../../extension/protocol/webview/promptChange";
import type { PromptResult, ShownPrompt } from "../../../extension/protocol/webview/promptData";
import { Random } from "../../support/random";

/** A token a word, and a stretch a turn of three words. */
function promptOf(words: readonly string[]): ShownPrompt {
  const text = words.join("");
  const ends = words.map((_, i) => words.slice(0, i + 1).join("").length);
  const turns = ends.filter((_, i) => i % 3 === 2 || i === ends.length - 1);
  return {
    kind: "prompt",
    source: { template: "t", model: "m" },
    text,
    stretches: turns.map((end, turn) => ({ end, kind: turn % 2 === 0 ? "data" : "template", turn })),
    roles: turns.map((_, i) => `role ${i}`),
    tokens: {
      ids: Uint32Array.from(words, (word) => word.length * 7 + word.charCodeAt(0)),
      starts: Uint32Array.from(ends, (_, i) => ends[i - 1] ?? 0),
      ends: Uint32Array.from(ends),
      marks: Uint8Array.from(words, (word) => word.length % 3),
      exact: true,
      masked: false,
    },
    counts: { characters: text.length, tokens: words.length, trained: null, special: 0, untrained: null },
    notes: [],
  };
}

function viewOf(version: number, left: PromptResult, right: PromptResult | null, edited: string): PromptView {
  const side = { template: null, model: "bound", engine: "jinja2" } as const;
  return {
    version,
    choices: { dataset: null, line: 0, variant: 0, conversation: "row", edited, left: side, right: null, tools: true, generationPrompt: null, thinking: "default", variables: "" },
    conversations: [],
    variants: [],
    templates: [],
    models: [],
    toolsAvailable: false,
    generationPrompt: false,
    left,
    right,
    diff: null,
    highlights: null,
    invalid: { edited: null, variables: null },
  };
}

function sentView(view: PromptView, before: PromptView | undefined): SentView {
  const { choices, left, right } = view;
  return {
    ...view,
    base: before?.version ?? null,
    choices: sentChoices(choices, before?.choices.edited ?? ""),
    left: sentPrompt(left, before?.left),
    right: right === null ? null : sentPrompt(right, before?.right),
  };
}

const NONE: PromptResult = { kind: "none", source: { template: null, model: null }, notes: [], place: null };

describe("a view of the X-ray, sent as what has changed", () => {
  it("arrives as it was, whatever was edited", () => {
    const random = new Random(20);
    const pick = (count: number): number => random.int(count);
    let words: string[] = [];
    let before: PromptView | undefined;
    let shown: PromptView | undefined;
    for (let version = 1; version <= 400; version++) {
      words = [...words];
      words.splice(pick(words.length + 1), pick(4), ...Array.from({ length: pick(4) }, () => random.pick(["a", "bb", "a ", "🚲", "\n"])));
      const bare = { ...promptOf(words), tokens: null };
      const left = random.pick<PromptResult>([promptOf(words), promptOf(words), promptOf(words), NONE, bare]);
      // A page that was loaded anew has nothing.
      if (pick(10) === 0) before = undefined;
      const view = viewOf(version, left, pick(3) === 0 ? promptOf(words.slice(pick(5))) : null, words.join("").slice(pick(3)));
      shown = receivedView(structuredClone(sentView(view, before)), shown);
      assert.deepEqual(shown, view);
      before = view;
    }
  });

  it("costs what has changed, not what is shown", () => {
    const words = Array.from({ length: 3000 }, (_, i) => `word${i} `);
    const before = viewOf(1, promptOf(words), null, words.join(""));
    const after = viewOf(2, promptOf(words.with(1500, "other ")), null, words.join(""));
    const rolesAndLists = serialize(promptOf(words).roles).length;
    assert.ok(serialize(sentView(after, before)).length < rolesAndLists + 2000);
    assert.ok(serialize(sentView(after, undefined)).length > rolesAndLists + 50_000);
  });

  it("is not taken for a change of another view", () => {
    const [first, second, third] = [1, 2, 3].map((version) => viewOf(version, promptOf(["a"]), null, "")) as [PromptView, PromptView, PromptView];
    assert.throws(() => receivedView(sentView(third, second), first), RangeError);
    assert.throws(() => receivedView(sentView(second, first), undefined), RangeError);
  });
});
