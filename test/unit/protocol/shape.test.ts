import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { TunesmithError } from "../../../extension/base/errors";
import { type Shape, anyOf, flag, integer, listOf, number, object, oneOf, orNull, readOr, tableOf, text } from "../../../extension/protocol/shape";

const point = object({ x: integer(0), label: orNull(text(3)) });

const taken: readonly [string, Shape<unknown>, unknown, unknown][] = [
  ["a text", text(3), "abc", "abc"],
  ["an integer", integer(0, 5), 5, 5],
  ["a number", number(0, 1), 0.5, 0.5],
  ["a flag", flag, false, false],
  ["one of several", oneOf("a", "b"), "b", "b"],
  ["a list", listOf(integer(0), 2), [1, 2], [1, 2]],
  ["a table", tableOf(flag, 1), { on: true }, { on: true }],
  ["an object without its other members", point, { x: 1, label: "a", more: "b" }, { x: 1, label: "a" }],
  ["null for what JSON left out", point, { x: 1 }, { x: 1, label: null }],
  ["the second alternative", anyOf<unknown>(integer(0), text(3)), "a", "a"],
];

const refused: readonly [string, Shape<unknown>, unknown, RegExp][] = [
  ["a longer text", text(3), "abcd", /^'it' should be a text of at most 3 characters/],
  ["a number for a text", text(3), 3, /'it' should be a text/],
  ["an integer out of range", integer(0, 5), 6, /from 0 to 5/],
  ["a fraction for an integer", integer(0), 0.5, /an integer/],
  ["NaN", number(0, 1), NaN, /a number/],
  ["a text for a flag", flag, "true", /true or false/],
  ["another choice", oneOf("a", "b"), "c", /one of a, b/],
  ["a longer list", listOf(integer(0), 2), [1, 2, 3], /at most 2 items/],
  ["a wrong item, naming it", listOf(integer(0), 2), [1, "b"], /'it\[1\]'/],
  ["a larger table", tableOf(flag, 1), { a: true, b: true }, /at most 1 entries/],
  ["an array for an object", point, [], /an object/],
  ["a wrong member, naming it", point, { x: -1 }, /'it\.x'/],
  ["what only the prototype has", object({ toString: text(9) }), {}, /'it\.toString'/],
  ["what no alternative takes", anyOf<unknown>(integer(0), text(3)), [], /should be/],
];

describe("a shape", () => {
  for (const [what, shape, value, expected] of taken) {
    it(`takes ${what}`, () => {
      assert.deepEqual(shape(value, "it"), expected);
    });
  }
  for (const [what, shape, value, message] of refused) {
    it(`refuses ${what}`, () => {
      assert.throws(
        () => shape(value, "it"),
        (error) => error instanceof TunesmithError && error.code === "bad-message" && message.test(error.message),
      );
    });
  }

  it("makes nothing of state that does not fit", () => {
    assert.equal(readOr(point, { x: "1" }), undefined);
    assert.deepEqual(readOr(point, { x: 1 }), { x: 1, label: null });
  });
});
