import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { traceRow } from "../../../extension/core/analysis/rowTrace";
import { DEFAULT_FIELDS } from "../../../extension/core/dataset/fields";
import { RowSource } from "../../../extension/core/jsonl/rowSource";
import { TOKEN_MARKS, type TokenMark, tokenMarksOf } from "../../../extension/core/language/dataset/tokenMarks";
import type { PromptModel } from "../../../extension/core/model/promptModel";
import { promptModel } from "../../support/promptModel";

let model: PromptModel;
before(async () => {
  model = await promptModel();
});

/** The marked pieces of the row. */
function marks(row: string, mark: TokenMark): string[] {
  const places = tokenMarksOf(traceRow(new RowSource(row), model, DEFAULT_FIELDS), { prompts: model, verdicts: undefined }, new Set(TOKEN_MARKS))[mark];
  return Array.from({ length: places.length / 2 }, (_, i) => row.slice(places[2 * i], places[2 * i + 1]));
}

void describe("the marks of tokens", () => {
  const row = `{"messages":[{"role":"user","content":"Grüße \\ud83d\\ude00\\nab"},{"role":"assistant","content":"Fine <|end|> thanks"}]}`;

  void it("cover the contents token by token, escapes as a whole", () => {
    const pieces = marks(row, "boundaries");
    assert.equal(pieces.filter((piece) => "Grüße \\ud83d\\ude00\\nab".includes(piece)).length > 2, true);
    const contents = new Set(pieces);
    assert.ok([...contents].some((piece) => piece.includes("\\ud83d\\ude00")), pieces.join("|"));
    for (const piece of pieces) assert.doesNotMatch(piece, /^ude00|\\ud83d$/);
  });

  void it("frame special tokens that stand in the text", () => {
    assert.deepEqual(marks(row, "special"), ["<|end|>"]);
  });

  void it("underline what is trained on, and what is not", () => {
    assert.deepEqual(marks(row, "trained"), ["Fine <|end|> thanks"]);
    assert.ok(marks(row, "masked").includes("Grüße \\ud83d\\ude00\\nab"), marks(row, "masked").join("|"));
  });

  void it("of a preference row mark the shared prompt once", () => {
    const pieces = marks(`{"prompt":"question","chosen":"good","rejected":"bad"}`, "masked");
    assert.deepEqual(pieces, ["question"]);
  });
});
