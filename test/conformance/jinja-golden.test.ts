import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { haveFixtures } from "../support/fixtures";
import { type Case, groupBy, judge, summarise } from "../support/jinja/case";
import { Golden } from "../support/jinja/golden";
import { maskFailures } from "../support/jinja/masks";

if (haveFixtures("renders of the reference")) {
  const golden = new Golden();

  describe("chat templates render as the reference renders them", () => {
    const bySource = groupBy(golden.cases(), ({ name }) => name.slice(0, name.indexOf("/")));
    for (const [source, cases] of bySource) it(`those of ${source}: ${cases.length} renders`, () => passAll(cases));

    it("all of them are there", () => {
      assert.equal(golden.renders.length, 6450);
    });
  });

  describe("assistant masks are the reference's, faults included", () => {
    it(`${golden.masks.length} masks of llama3_1 and qwen3`, () => {
      const failures = maskFailures(golden);
      assert.deepEqual(failures, []);
    });
  });
}

function passAll(cases: readonly Case[]): void {
  const failures = cases.flatMap((test) => judge(test) ?? []);
  assert.ok(failures.length === 0, `${failures.length} of ${cases.length} differ\n${summarise(failures, 10)}`);
}
