import assert from "node:assert/strict";
import { test } from "node:test";
import { parseCheckArguments, parseRenderArguments } from "../../../extension/cli/arguments";
import { parseScoreArguments } from "../../../extension/cli/inference/arguments";

const context = { rules: ["json/syntax", "messages/empty"], parallelism: 6 };
const parse = (line: string) => parseCheckArguments(line.split(" ").filter((word) => word !== ""), context);

test("the defaults", () => {
  assert.deepEqual(parse("a.jsonl"), {
    paths: ["a.jsonl"],
    model: undefined,
    template: undefined,
    templateName: undefined,
    now: undefined,
    profiles: [],
    training: undefined,
    maxLength: undefined,
    severities: {},
    format: "text",
    output: undefined,
    jobs: 6,
  });
});

test("every option, mixed with paths", () => {
  const line =
    "a.jsonl --profile trl --profile=openai --profile trl --max-length 2048 --severity json/syntax=warning --severity messages/empty=off " +
    "--format sarif b --output r.sarif --jobs 3 --model m --template t.jinja --template-name tool_use --now 2025-01-31T09:30:00Z --verbose -- --odd.jsonl";
  assert.deepEqual(parse(line), {
    paths: ["a.jsonl", "b", "--odd.jsonl"],
    model: "m",
    template: "t.jinja",
    templateName: "tool_use",
    now: Date.UTC(2025, 0, 31, 9, 30),
    profiles: ["trl", "openai"],
    training: undefined,
    maxLength: 2048,
    severities: { "json/syntax": "warning", "messages/empty": "off" },
    format: "sarif",
    output: "r.sarif",
    jobs: 3,
  });
});

test("a date alone is the beginning of that day here, whatever the command", () => {
  const day = new Date(2025, 0, 31).getTime();
  assert.equal(parse("a --now 2025-01-31").now, day);
  assert.equal(parseRenderArguments("--template t --data d --now 2025-01-31".split(" ")).now, day);
  assert.equal(parseScoreArguments("a --model m --now 2025-01-31".split(" ")).now, day);
});

test("the last level of a rule counts", () => {
  assert.deepEqual(parse("a --severity json/syntax=off --severity json/syntax=hint").severities, { "json/syntax": "hint" });
});

const refused: readonly [line: string, message: RegExp][] = [
  ["", /^No file to check/],
  ["--format json", /^No file to check/],
  ["a --formt json", /^Unknown option --formt\. Did you mean --format\?$/],
  ["a -x", /^Unknown option -x\./],
  ["a --format xml", /^--format does not know "xml"\..* text, json, sarif, github\.$/],
  ["a --format", /^--format needs a value/],
  ["a --model --verbose", /^--model needs a value: .* write --model=--verbose\.$/],
  ["a --model=", /^--model needs a value/],
  ["a --verbose=yes", /^--verbose takes no value/],
  ["a --output x --output y", /^--output is given twice/],
  ["a --profile unslot", /"unslot"\. Did you mean unsloth\?/],
  ["a --max-length 0", /^--max-length must be a whole number of at least 1, not "0"\.$/],
  ["a --max-length 1e3", /not "1e3"/],
  ["a --max-length=-5", /not "-5"/],
  ["a --max-length 99999999999999999999", /^--max-length must be/],
  ["a --jobs two", /^--jobs must be/],
  ["a --severity json/syntax", /^--severity must be RULE=LEVEL/],
  ["a --severity json/syntax=fatal", /^--severity json\/syntax does not know "fatal"/],
  ["a --severity json/sintax=off", /"json\/sintax", which does not exist\. Did you mean json\/syntax\?$/],
  ["a --severity __proto__=off", /which does not exist/],
  ["a --now yesterday", /^--now must be an ISO time/],
  ["a --now 2025-13-41", /^--now must be an ISO time/],
];

for (const [line, message] of refused) {
  test(`refused: ${line === "" ? "nothing" : line}`, () => assert.throws(() => parse(line), { code: "usage", message }));
}
