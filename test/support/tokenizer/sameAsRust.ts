import assert from "node:assert/strict";
import type { Tokenizer } from "../../../extension/core/tokenizer/tokenizer";
import type { Rust } from "./rust";

/** Fails where a tokenizer gives other ids, offsets, counts or decoded text than the Rust library. */
export async function assertSameAsRust(tokenizer: Tokenizer, rust: Rust, text: string, specialTokens = true): Promise<void> {
  const expected = await rust.encode(text.toWellFormed(), specialTokens);
  const encoding = tokenizer.encode(text, { specialTokens });
  const shown = JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
  if (!sameNumbers(encoding.ids, expected.ids)) assert.deepEqual(Array.from(encoding.ids), expected.ids, `ids of ${shown}`);
  if (!sameNumbers(encoding.offsets, expected.offsets)) {
    const named = (offsets: ArrayLike<number>): string[] => expected.tokens.map((token, i) => `${token} [${offsets[2 * i] ?? "-"}, ${offsets[2 * i + 1] ?? "-"}]`);
    assert.deepEqual(named(encoding.offsets), named(expected.offsets), `offsets in ${shown}`);
  }
  assert.ok(sameNumbers(tokenizer.encodeIds(text, { specialTokens }), expected.ids), `ids alone of ${shown}`);
  assert.equal(tokenizer.count(text, { specialTokens }), expected.ids.length, `count of ${shown}`);
}

export async function assertDecodesAsRust(tokenizer: Tokenizer, rust: Rust, ids: readonly number[], skipSpecialTokens: boolean): Promise<void> {
  assert.equal(tokenizer.decode(ids, { skipSpecialTokens }), await rust.tokenizer.decode(Array.from(ids), skipSpecialTokens), `ids ${ids.slice(0, 50).join(" ")}`);
}

function sameNumbers(one: ArrayLike<number>, other: ArrayLike<number>): boolean {
  if (one.length !== other.length) return false;
  for (let i = 0; i < one.length; i++) if (one[i] !== other[i]) return false;
  return true;
}
