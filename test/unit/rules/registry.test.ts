import assert from "node:assert/strict";
import { test } from "node:test";
import { ALL_RULES, SAMPLE_RULES } from "../../../extension/core/rules/registry";

test("every rule has an id of its own, of the form group/name, and a description", () => {
  assert.equal(new Set(ALL_RULES.map((rule) => rule.id)).size, ALL_RULES.length);
  for (const rule of ALL_RULES) {
    assert.match(rule.id, /^[a-z0-9]+\/[a-z0-9-]+$/);
    assert.match(rule.description, /^[A-Z].*\.$/);
  }
});

test("the rules of a row run in a fixed order, the shape of the row first", () => {
  assert.equal(SAMPLE_RULES[0]?.meta.id, "format/invalid-field");
  assert.deepEqual(
    SAMPLE_RULES.filter((rule) => rule.meta.severity === "error").map((rule) => rule.meta.id).sort(),
    ["content/missing", "conversation/empty", "conversation/no-assistant", "format/invalid-field", "role/missing", "role/unknown"],
  );
});
