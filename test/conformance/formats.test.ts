import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { describe, test } from "node:test";
import type { FormatId, JsonValue } from "../../extension/core/dataset/conversation";
import { DEFAULT_FIELDS } from "../../extension/core/dataset/fields";
import { readSample } from "../../extension/core/dataset/formats";
import { isList, isObject } from "../../extension/core/dataset/values";
import { SAMPLE_RULES } from "../../extension/core/rules/registry";
import type { Severity } from "../../extension/core/rules/rule";

const fixtures = path.resolve(process.env.TUNESMITH_FIXTURES ?? "../shared/fixtures");
const datasets = path.join(fixtures, "datasets");
const vendor = path.join(fixtures, "broken", "together-check_file");

/** What each data set is, found by looking at it. */
const FORMATS: Readonly<Record<string, FormatId | "unknown">> = {
  "FastChat/mt_bench__question.jsonl": "unknown",
  "FastChat/mt_bench__reference_answer__gpt-4.jsonl": "unknown",
  "FastChat/vicuna_bench__question.jsonl": "unknown",
  "FastChat/vicuna_bench__reference_answer__gpt-4.jsonl": "unknown",
  "GPTeacher/code_seed_tasks.jsonl": "unknown",
  "GPTeacher/roleplay-instruct.json": "alpaca",
  "LLaMA-Factory/alpaca_zh_demo.json": "alpaca",
  "LLaMA-Factory/c4_demo.jsonl": "text",
  "LLaMA-Factory/dpo_en_demo.json": "preference",
  "LLaMA-Factory/glaive_toolcall_en_demo.json": "sharegpt",
  "LLaMA-Factory/identity.json": "alpaca",
  "LLaMA-Factory/kto_en_demo.json": "kto",
  "LLaMA-Factory/mllm_demo.json": "messages",
  "LLaMA-Factory/mllm_video_audio_demo.json": "messages",
  "LLaMA-Factory/reason_tool_use_demo_50.jsonl": "messages",
  "LLaMA-Factory/v1_dpo_demo.jsonl": "preference",
  "LLaMA-Factory/v1_multimodal_demo.jsonl": "messages",
  "LLaMA-Factory/v1_sft_demo.jsonl": "messages",
  "Qwen2.5-Math/aime24__test.jsonl": "question_answer",
  "Qwen2.5-Math/carp_en__demo.json": "unknown",
  "Qwen2.5-Math/cmath__test.jsonl": "question_answer",
  "Qwen2.5-Math/cn_middle_school__test.jsonl": "question_answer",
  "Qwen2.5-Math/college_math__test.jsonl": "question_answer",
  "Qwen2.5-Math/gaokao2024_mix__test.jsonl": "question_answer",
  "Qwen2.5-Math/gaokao_math_cloze__test.jsonl": "question_answer",
  "Qwen2.5-Math/minerva_math__test.jsonl": "question_answer",
  "axolotl/conversation.json": "sharegpt",
  "axolotl/conversation.missingturns.json": "sharegpt",
  "axolotl/conversation.tokenized_llama2chat.json": "tokenized",
  "fireworks-cookbook/agentic_rl_text2sql__text2sql_train.sample.jsonl": "messages",
  "fireworks-cookbook/data__gcloud-log-sample.jsonl": "unknown",
  "fireworks-cookbook/data__gsm8k_200.jsonl": "question_answer",
  "fireworks-cookbook/deepmath__dataset.jsonl": "messages",
  "fireworks-cookbook/embedding__retrieval_pairs.jsonl": "unknown",
  "fireworks-cookbook/ifeval__dataset.jsonl": "preference",
  "fireworks-cookbook/multi_lora_hotreload_eval.py__eval.jsonl": "messages",
  "fireworks-cookbook/sft__food_reasoning.jsonl": "messages",
  "fireworks-cookbook/sft__text2sql_dataset.jsonl": "messages",
  "fireworks-cookbook/sft_prompt_router__training_data.sample.jsonl": "messages",
  "gorilla/BFCL_v4_irrelevance.json": "unknown",
  "gorilla/BFCL_v4_live_relevance.json": "unknown",
  "gorilla/BFCL_v4_parallel.json": "unknown",
  "gorilla/BFCL_v4_parallel_multiple.json": "unknown",
  "gorilla/BFCL_v4_simple_javascript.json": "unknown",
  "gorilla/BFCL_v4_simple_python.json": "unknown",
  "gorilla/BFCL_v4_web_search.json": "unknown",
  "gorilla/possible_answer__BFCL_v4_parallel.json": "unknown",
  "gorilla/possible_answer__BFCL_v4_simple_python.json": "unknown",
  "gorilla/questions_torchhub_0_shot.jsonl": "text",
  "gorilla/unused_datasets__question__BFCL_v4_chatable.json": "unknown",
  "grade-school-math/test_socratic.jsonl": "question_answer",
  "grade-school-math/train.jsonl": "question_answer",
  "human-eval/HumanEval.jsonl": "unknown",
  "human-eval/example_samples.jsonl": "unknown",
  "openai-cookbook/toy_chat_fine_tuning.jsonl": "messages",
  "self-instruct/predictions__text-davinci-003_predictions.jsonl": "alpaca",
  "self-instruct/seed_tasks.jsonl": "unknown",
  "self-instruct/t0__adversarial_qa_dbert_answer_the_following_q.jsonl": "prompt_completion",
  "self-instruct/t0__amazon_polarity_user_satisfied.jsonl": "prompt_completion",
  "self-instruct/t0__cnn_dailymail_3_0_0_spice_up_story.jsonl": "prompt_completion",
  "self-instruct/t0__dbpedia_14_given_a_choice_of_categories_.jsonl": "prompt_completion",
  "self-instruct/user_oriented_instructions.jsonl": "unknown",
  "soup/alpaca_tiny.jsonl": "alpaca",
  "soup/chat_preferences.jsonl": "preference",
  "soup/dpo_sample.jsonl": "preference",
  "soup/gate__format_json.jsonl": "unknown",
  "soup/reasoning_math.jsonl": "alpaca",
  "soup/unlearning__tofu_demo.jsonl": "prompt_completion",
  "torchtune/instruct_tiny.json": "alpaca",
  "torchtune/stack_exchange_paired_tiny.json": "preference",
  "torchtune/vqa_tiny.json": "prompt_completion",
  "unsloth/canary_dataset.jsonl": "question_answer",
};

/** Files beside the data sets that are none: a catalogue, and plain text. */
const NO_DATASETS = ["LLaMA-Factory/dataset_info.json", "LLaMA-Factory/wiki_demo.txt"];

/** What is really wrong with real data sets, and how often. Every other data set of a known format has no finding. */
const FINDINGS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  // The second turn of this test file was emptied on purpose.
  "axolotl/conversation.missingturns.json": { "content/empty": 1 },
  // Prompts for an evaluation: nothing in the rows says that they are not for training.
  "fireworks-cookbook/multi_lora_hotreload_eval.py__eval.jsonl": { "conversation/no-assistant": 5 },
  // The fourth row goes from the system to the assistant.
  "openai-cookbook/toy_chat_fine_tuning.jsonl": { "conversation/alternation": 1 },
};

/** Files that the vendor refuses for a reason that is not about the shape of one row. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  "test_check_csv_empty_file.csv": "CSV is not read",
  "test_check_csv_invalid_column.csv": "CSV is not read",
  "test_check_jsonl_empty_file.jsonl": "file/empty: no row",
  "test_check_jsonl_non_utf8.jsonl": "json/utf8: found where the file is decoded",
  "test_check_jsonl_invalid_json.jsonl": "a row that is no object: format/unknown, found by the analysis",
  "test_check_jsonl_missing_required_field.jsonl": "format/unknown",
  "test_check_jsonl_invalid_preference_openai_missing_fields_missing_input_.jsonl": "format/unknown",
  "test_check_jsonl_invalid_preference_openai_missing_fields_missing_preferred_outp.jsonl": "format/unknown",
  "test_check_jsonl_invalid_preference_openai_missing_fields_missing_non_preferred_.jsonl": "format/unknown",
  "test_check_jsonl_inconsistent_dataset_format.jsonl": "format/mixed: about several rows",
  "test_check_jsonl_extra_column.jsonl": "only this vendor refuses further columns",
  "test_check_jsonl_invalid_weight.jsonl": "no rule on weights",
  "test_check_jsonl_invalid_weight_float.jsonl": "1.0 and 1 are the same number once JSON is read",
  "test_check_jsonl_invalid_preference_openai_structural_issues_invalid_weight_type.jsonl": "no rule on weights",
  "test_check_jsonl_invalid_preference_openai_structural_issues_invalid_weight_valu.jsonl": "no rule on weights",
  "test_check_jsonl_invalid_multimodal_content.jsonl": "no rule on image data",
};

interface Outcome {
  readonly formats: ReadonlyMap<string, number>;
  readonly rules: Readonly<Record<string, number>>;
  readonly errors: readonly string[];
}

function judgeRows(rows: readonly JsonValue[]): Outcome {
  const formats = new Map<string, number>();
  const rules: Record<string, number> = {};
  const errors: string[] = [];
  const note = (id: string, severity: Severity, place: string): void => {
    rules[id] = (rules[id] ?? 0) + 1;
    if (severity === "error") errors.push(`${id} ${place}`);
  };
  rows.forEach((row, i) => {
    const sample = isObject(row) ? readSample(row, DEFAULT_FIELDS) : undefined;
    const format = sample?.format ?? "unknown";
    formats.set(format, (formats.get(format) ?? 0) + 1);
    if (sample === undefined) return;
    for (const rule of SAMPLE_RULES) {
      rule.check(sample, (draft) => {
        note(rule.meta.id, rule.meta.severity, `row ${i + 1} ${draft.place.pointer}`);
      });
    }
  });
  return { formats, rules, errors };
}

/** The rows of a JSON array or of JSON Lines, whatever the file is called. */
function rowsOf(file: string): readonly JsonValue[] {
  const text = readFileSync(file, "utf8").replace(/^\ufeff/, "");
  try {
    const whole = JSON.parse(text) as JsonValue;
    return isList(whole) ? whole : [whole];
  } catch {
    return text
      .split("\n")
      .filter((line) => line.trim() !== "")
      .map((line) => JSON.parse(line) as JsonValue);
  }
}

if (!existsSync(datasets) || !existsSync(vendor)) {
  const message = `The fixtures are not at ${fixtures}: real data sets and the vendor's check are not compared. Set TUNESMITH_FIXTURES.`;
  test("fixtures", { skip: process.env.CI === undefined ? message : false }, () => assert.fail(message));
  console.log(message);
} else {
  describe("the format of real data sets", () => {
    test("every data set is in the table", () => {
      const found = readdirSync(datasets, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => path.relative(datasets, path.join(entry.parentPath, entry.name)).replaceAll(path.sep, "/"));
      assert.deepEqual(found.filter((name) => !NO_DATASETS.includes(name)).sort(), Object.keys(FORMATS).sort());
    });

    for (const [name, format] of Object.entries(FORMATS)) {
      test(`${name}: ${format}`, () => {
        const outcome = judgeRows(rowsOf(path.join(datasets, name)));
        assert.deepEqual([...outcome.formats.keys()], [format]);
        assert.deepEqual(outcome.rules, FINDINGS[name] ?? {});
      });
    }
  });

  describe("the vendor's check of files", () => {
    const cases = JSON.parse(readFileSync(path.join(vendor, "expected.json"), "utf8")) as readonly {
      readonly file: string;
      readonly report: { readonly is_check_passed: boolean; readonly message: string; readonly line_number?: number };
    }[];
    for (const { file, report } of cases) {
      const reason = ELSEWHERE[file];
      if (report.is_check_passed && file.endsWith(".jsonl")) {
        test(`${file} passes`, () => assert.deepEqual(judgeRows(rowsOf(path.join(vendor, file))).errors, []));
      } else if (!report.is_check_passed && reason === undefined) {
        test(`${file}: ${report.message.slice(0, 120)}`, () => {
          const row = rowsOf(path.join(vendor, file))[(report.line_number ?? 1) - 1] ?? null;
          assert.notDeepEqual(judgeRows([row]).rules, {});
        });
      }
    }

    test("what is left to others is refused by the vendor", () => {
      const refused = new Set(cases.filter(({ report }) => !report.is_check_passed).map(({ file }) => file));
      assert.deepEqual(Object.keys(ELSEWHERE).filter((file) => !refused.has(file)), []);
    });
  });
}
