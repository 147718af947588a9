import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { MARK } from "../../../extension/core/xray/marks";
import type { ShownPrompt, Stretch, TokenList } from "../../../extension/protocol/webview/promptData";
import { type ShownSide, changesOf, firstAbove, labelOf, runsOf, splitBlocks } from "../../../webview/prompt/blocks";

function listOf(ids: readonly number[], starts: readonly number[], ends: readonly number[], marks: readonly number[]): TokenList {
  return { ids: Uint32Array.from(ids), starts: Uint32Array.from(starts), ends: Uint32Array.from(ends), marks: Uint8Array.from(marks), exact: true, masked: false };
}

/** Tokens as they stand one after the other, `!` before those that are special, `$` before those that end a sequence. */
function tokensOf(...texts: string[]): TokenList & { readonly text: string } {
  const starts: number[] = [];
  const ends: number[] = [];
  const marks: number[] = [];
  let text = "";
  for (const written of texts) {
    const [, sign = "", token = ""] = /^([!$]?)([^]*)$/.exec(written) ?? [];
    starts.push(text.length);
    text += token;
    ends.push(text.length);
    marks.push(sign === "" ? 0 : MARK.special | (sign === "$" ? MARK.eos : 0));
  }
  return { text, ...listOf(texts.map((_, index) => index), starts, ends, marks) };
}

function sideOf(text: string, stretches: readonly Stretch[], tokens: TokenList | null = null, more: Partial<ShownSide> = {}): ShownSide {
  const counts = { characters: text.length, tokens: null, trained: null, special: null, untrained: null };
  const prompt: ShownPrompt = { kind: "prompt", source: { template: null, model: null }, text, stretches, roles: ["system", "user"], tokens, counts, notes: [] };
  return { prompt, changes: [], alone: new Set(), ...more };
}

const whole = (text: string): Stretch[] => [{ end: text.length, kind: "data", turn: 0 }];
const textsOf = (side: ShownSide): string[] => splitBlocks(side).map(({ start, end }) => side.prompt.text.slice(start, end));

describe("the blocks of a prompt", () => {
  it("are its lines", () => {
    assert.deepEqual(textsOf(sideOf("a\n\nb", whole("a\n\nb"))), ["a\n", "\n", "b"]);
    assert.deepEqual(textsOf(sideOf("a\n", whole("a\n"))), ["a\n"]);
    assert.deepEqual(textsOf(sideOf("", [])), []);
  });

  it("cover a line that is very long, and cut no character", () => {
    const text = `x${"😀".repeat(5000)}`;
    const blocks = textsOf(sideOf(text, whole(text)));
    assert.equal(blocks.join(""), text);
    assert.ok(blocks.length > 1 && blocks.every((block) => block.isWellFormed()));
  });

  it("begin anew where a turn begins, with the token that opens it", () => {
    const tokens = tokensOf("!<|system|>", "Be", "$<|end|>", "!<|start|>", "user", "!|", "Hi", "$<|end|>");
    const at = (token: number): number => tokens.ends[token] ?? 0;
    const stretches: Stretch[] = [
      { end: 2, kind: "template", turn: null },
      { end: 8, kind: "data", turn: 0 },
      { end: at(0), kind: "template", turn: null },
      { end: at(1), kind: "data", turn: 0 },
      { end: at(3), kind: "template", turn: null },
      { end: at(4), kind: "data", turn: 1 },
      { end: at(5), kind: "template", turn: null },
      { end: at(6), kind: "data", turn: 1 },
      { end: at(7), kind: "template", turn: null },
    ];
    const side = sideOf(tokens.text, stretches, tokens);
    assert.deepEqual(textsOf(side), ["<|system|>Be<|end|>", "<|start|>user|Hi<|end|>"]);
    assert.deepEqual(splitBlocks(side).map(({ turn }) => turn), [0, 1]);
  });

  it("have runs that cover them, one for each token, stretch and change", () => {
    const tokens = tokensOf("ab", "cd", "e\n", "f");
    const side = sideOf(tokens.text, [{ end: 3, kind: "data", turn: 0 }, { end: 7, kind: "template", turn: null }], tokens, { changes: [{ start: 4, end: 5 }] });
    const [first, second] = splitBlocks(side);
    assert.ok(first !== undefined && second !== undefined);
    const described = runsOf(side, first).map(({ start, end, token, first: begins, kind, changed }) => `${side.prompt.text.slice(start, end)} ${token}${begins ? "^" : ""} ${kind}${changed ? " changed" : ""}`);
    assert.deepEqual(described, ["ab 0^ data", "c 1^ data", "d 1 template", "e 2^ template changed", "\n 2 template"]);
    assert.deepEqual(runsOf(side, second).map(({ token }) => token), [3]);
  });

  it("show text that no token covers", () => {
    const tokens = listOf([5, 6], [1, 3], [2, 4], [0, 0]);
    const [block] = splitBlocks(sideOf("abcde", whole("abcde"), tokens));
    assert.ok(block !== undefined);
    assert.deepEqual(runsOf(sideOf("abcde", whole("abcde"), tokens), block).map(({ start, token }) => [start, token]), [[0, -1], [1, 0], [2, -1], [3, 1], [4, -1]]);
  });

  it("share a signature where they look the same, wherever they stand", () => {
    const one = tokensOf("x", "\n", "same");
    const two = tokensOf("longer", " line", "\n", "same");
    const last = (tokens: typeof one): string | undefined => splitBlocks(sideOf(tokens.text, whole(tokens.text), { ...tokens, ids: tokens.ids.map(() => 1) })).at(-1)?.signature;
    assert.equal(last(one), last(two));
    const marked = { ...two, ids: two.ids.map(() => 1), marks: two.marks.map(() => MARK.trained) };
    assert.notEqual(last(one), splitBlocks(sideOf(two.text, whole(two.text), marked)).at(-1)?.signature);
  });
});

it("names what a token's marks say", () => {
  assert.equal(labelOf(MARK.special | MARK.trained), "");
  assert.equal(labelOf(MARK.eos | MARK.endOfTurn), "EOT/EOS");
  assert.equal(labelOf(MARK.bos), "BOS");
});

it("takes of a difference what is on one side", () => {
  const parts = [
    { same: true, left: { start: 0, end: 2 }, right: { start: 0, end: 2 } },
    { same: false, left: { start: 2, end: 2 }, right: { start: 2, end: 4 } },
  ];
  assert.deepEqual([changesOf(parts, "left"), changesOf(parts, "right")], [[], [{ start: 2, end: 4 }]]);
});

it("bisects", () => {
  assert.deepEqual([-1, 0, 1, 4, 5].map((limit) => firstAbove([1, 2, 5], limit)), [0, 0, 1, 2, 3]);
});
