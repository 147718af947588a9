import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { UnknownSyntax, parsePattern } from "../../../../extension/core/tokenizer/split/parse";
import { takesNothing } from "../../../../extension/core/tokenizer/split/pattern";
import { compileSplit } from "../../../../extension/core/tokenizer/split/splitTables";

describe("what is not known is named with its place", () => {
  for (const [source, at, what] of [
    ["a^", 1, /unexpected \^/],
    ["\\bx", 2, /escape \\b/],
    ["x\\1", 2, /reference/],
    ["(?<=a)b", 0, /kind of group/],
    ["(?>a)b", 0, /kind of group/],
    ["(?<n>a)", 0, /kind of group/],
    ["(?!ab)", 6, /more than a character/],
    ["(?:ab)++", 8, /possessive repetition of more/],
    ["(?:a?)*", 7, /may be nothing/],
    ["a{0}", 4, /unusual count/],
    ["a{5,2}", 6, /unusual count/],
    ["a{2000}", 7, /unusual count/],
    ["(?i:é)", 5, /not ASCII/],
    ["(?i:[a-z])", 8, /range in either case/],
    ["(?i:st)", 6, /fold together/],
    ["[a", 2, /class without its end/],
    ["[]a]", 1, /empty class/],
    ["[[:alpha:]]", 1, /named class/],
    ["[a-[b]]", 3, /range to a class/],
    ["[z-a]", 4, /range that is none/],
    ["[\\p{L}-z]", undefined, undefined],
    ["\\p{Latin}", 9, /property Latin/],
    ["(a", 2, /group without its end/],
    ["a)", 1, /unmatched \)/],
    ["a\\", 2, /unexpected end/],
    ["*a", 0, /unexpected \*/],
    ["(".repeat(60) + "a" + ")".repeat(60), 51, /too many groups/],
  ] as const) {
    it(source.slice(0, 40), () => {
      if (what === undefined) {
        assert.ok(parsePattern(source));
        return;
      }
      assert.throws(
        () => parsePattern(source),
        (error) => error instanceof UnknownSyntax && error.code === "pattern-syntax" && error.at === at && what.test(error.message),
      );
    });
  }
});

it("an expression that may find nothing, or is too large, has no tables", () => {
  const allocate = (byteLength: number): ArrayBuffer => new ArrayBuffer(byteLength);
  for (const source of ["a*", "a?|b", "(?!a)", "$", "", "(?:a{30}){30}{2}", "(?:[ab]*a[ab]{12})x"]) assert.equal(compileSplit(parsePattern(source), allocate), undefined, source);
  assert.equal(takesNothing(parsePattern("(?:a|b*)c?")), true);
  assert.notEqual(compileSplit(parsePattern("\\p{N}{1,100}"), allocate), undefined);
});
