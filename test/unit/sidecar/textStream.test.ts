import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { TextStream } from "../../../extension/sidecar/generation/textStream";

/** Every id is a byte. */
const bytes = (ids: readonly number[]): string => new TextDecoder().decode(Uint8Array.from(ids));
const idsOf = (text: string): number[] => [...new TextEncoder().encode(text)];

function pieces(text: string, stopTexts: readonly string[]): { readonly pieces: readonly string[]; readonly stream: TextStream } {
  const stream = new TextStream(bytes, stopTexts);
  const given = idsOf(text).map((id) => stream.push([id]));
  given.push(stream.end());
  return { pieces: given, stream };
}

describe("text of a stream of tokens", () => {
  it("gives characters when they are whole", () => {
    const { pieces: given, stream } = pieces("aé😀b", []);
    assert.deepEqual(given, ["a", "", "é", "", "", "", "😀", "b", ""]);
    assert.equal(stream.text, "aé😀b");
  });
  it("gives broken characters at the end", () => {
    const stream = new TextStream(bytes, []);
    assert.equal(stream.push([0x61, 0xc3]), "");
    assert.equal(stream.end(), "a\ufffd");
  });
  it("holds back what may begin a stop text, and ends before it", () => {
    const { pieces: given, stream } = pieces("ab\n\nUser: x", ["\n\nUser:", "###"]);
    assert.equal(given.join(""), "ab");
    assert.equal(stream.stopped, true);
    const other = pieces("ab\n\nUs!", ["\n\nUser:"]);
    assert.deepEqual(other.pieces, ["a", "b", "", "", "", "", "\n\nUs!", ""]);
    assert.equal(other.stream.stopped, false);
    assert.equal(pieces("ab\n", ["\n\n"]).stream.text, "ab\n");
  });
});
