import assert from "node:assert/strict";
import { test } from "node:test";
import { TokenVerdicts, verdictTable } from "../../../extension/core/analysis/tokenVerdicts";
import { UntrainedVerdicts } from "../../../extension/core/weights/verdict/explainToken";
import { modelOf } from "../weights/verdict/models";

const LETTERS = Array.from({ length: 120 }, (_, i) => String.fromCharCode(0x4e00 + i));

/** 120 letters, of which some have rows that are not as they should be; a row without token, and a token without row. */
async function judged(): Promise<UntrainedVerdicts> {
  const input = Array.from({ length: 121 }, (_, id) => [0.5 + id / 128, -0.25]);
  Object.assign(input, { 10: [0, 0], 11: [0, 0], 12: [1e-5, 1e-6], 13: [Number.NaN, 1] });
  const tokens = [...LETTERS, undefined, "<no-row>"];
  return new UntrainedVerdicts(await modelOf({ input }, tokens, { additional: [], pad: 11 }));
}

test("a table says of every id what the verdicts say, also after it crossed to another thread", async () => {
  const verdicts = await judged();
  const known = new TokenVerdicts(structuredClone(verdictTable(verdicts, 122)));
  for (let id = 0; id < 122; id++) {
    assert.equal(known.kindOf(id), verdicts.kinds.of(id), `${id}`);
    if (id === 120) continue;
    assert.equal(known.severityOf(id), verdicts.kinds.severityOf(id), `${id}`);
    assert.deepEqual(known.verdictOf(id), known.severityOf(id) === undefined ? undefined : verdicts.explainToken(id));
  }
  assert.deepEqual([10, 11, 12, 13, 120, 121].map((id) => known.kindOf(id)), ["zero", "zero", "near-zero", "non-finite", "no-token", "no-row"]);
  assert.deepEqual([10, 11, 12, 120, 121].map((id) => known.severityOf(id)), ["error", "info", "warning", "warning", "error"]);
  assert.deepEqual([known.rows, known.tied], [121, true]);
});

test("an id that nothing has is out of range", async () => {
  const known = new TokenVerdicts(verdictTable(await judged(), 122));
  assert.deepEqual([known.kindOf(5000), known.severityOf(5000)], ["no-row", "error"]);
  assert.match(known.verdictOf(5000)?.why ?? "", /121 rows.*no token 5000/);
});
