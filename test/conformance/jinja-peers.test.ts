import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { haveFixtures } from "../support/fixtures";
import { groupBy, judge, summarise } from "../support/jinja/case";
import { peerCases, unexplainedPallets } from "../support/jinja/peers";

if (haveFixtures("the suites of other engines")) {
  describe("the suites of other engines, judged by the reference", () => {
    for (const [suite, cases] of groupBy(peerCases(), (test) => test.suite)) {
      it(`${suite}: ${cases.length} cases`, () => {
        const failures = cases.flatMap((test) => judge(test) ?? []);
        assert.ok(failures.length === 0, `${failures.length} of ${cases.length} differ\n${summarise(failures, 10)}`);
      });
    }

    it("whatever is left out of Jinja's own suite has a reason", () => {
      assert.deepEqual(unexplainedPallets(), []);
    });
  });
}
