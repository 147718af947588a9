import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type FoundTraining, placeTraining, tokenTraining, trainingFor } from "../../../extension/core/training/placedTraining";
import { readTrainingConfigs } from "../../../extension/core/training/readConfigs";

const axolotl = (model: string, ...more: readonly string[]): string => [`base_model: ${model}`, "adapter: lora", ...more].join("\n");
const TRAINS = "lora_modules_to_save: [embed_tokens, lm_head]";

function found(files: Readonly<Record<string, string>>): readonly FoundTraining[] {
  return Object.entries(files).flatMap(([file, text]) => placeTraining(file, file.slice("/project/".length), text, readTrainingConfigs(file, text)));
}

function chosen(files: Readonly<Record<string, string>>, dataset: string, model?: string): readonly string[] {
  return trainingFor(found(files), [dataset], model).map(({ name }) => name);
}

describe("the training configuration of a dataset", () => {
  const other = axolotl("Qwen/Qwen3-8B");
  const llama = axolotl("NousResearch/Meta-Llama-3-8B");

  it("is the one that mentions it, before that of its model, before the nearest", () => {
    const files = {
      "/project/far/away/mentions.yaml": axolotl("x/y", "datasets:", "  - path: data/train.jsonl"),
      "/project/configs/llama.yaml": llama,
      "/project/data/near.yaml": other,
    };
    assert.deepEqual(chosen(files, "/project/data/train.jsonl", "Llama-3-8B"), ["far/away/mentions.yaml"]);
    assert.deepEqual(chosen(files, "/project/data/other.jsonl", "Meta-Llama-3-8B"), ["configs/llama.yaml"]);
    assert.deepEqual(chosen(files, "/project/data/other.jsonl", "Mistral-7B"), ["data/near.yaml"]);
    assert.deepEqual(chosen(files, "C:\\work\\data\\train.jsonl"), ["far/away/mentions.yaml"]);
    assert.deepEqual(chosen({}, "/project/data/other.jsonl"), []);
  });

  it("knows models by their names, whoever has uploaded them", () => {
    const files = { "/project/a.yaml": other, "/project/b.py": 'm, t = FastLanguageModel.from_pretrained("unsloth/llama-3-8b-bnb-4bit")\nm = FastLanguageModel.get_peft_model(m)' };
    assert.deepEqual(chosen(files, "/project/d.jsonl", "Meta-Llama-3-8B"), ["b.py"]);
    assert.deepEqual(chosen(files, "/project/d.jsonl", "qwen3-8b"), ["a.yaml"]);
  });

  it("is each of several that are as probable", () => {
    const files = { "/project/c/a.yaml": llama, "/project/c/b.yaml": llama, "/project/c/d/e.yaml": llama };
    assert.deepEqual(chosen(files, "/project/d.jsonl", "Llama-3-8B"), ["c/a.yaml", "c/b.yaml"]);
  });

  it("stands where the file decides it; in a notebook at its beginning", () => {
    const [yaml] = found({ "/project/a.yaml": `# é\r\n${axolotl("m")}\n${TRAINS}\n` });
    assert.deepEqual(yaml?.range, { start: { line: 4, column: 1 }, end: { line: 4, column: 21 } });
    const code = JSON.stringify({ cells: [{ cell_type: "code", source: ["x = 1\n", "LoraConfig(r=1)"] }] });
    assert.deepEqual(found({ "/project/a.ipynb": code })[0]?.range, { start: { line: 1, column: 1 }, end: { line: 1, column: 1 } });
  });

  it("decides about each token, and several only together", () => {
    const rows = axolotl("m", "peft_trainable_token_indices:", "  embed_tokens: [5]", "  lm_head: [5]");
    const told = (id: number, ...texts: readonly string[]): ReturnType<typeof tokenTraining> => tokenTraining(found(Object.fromEntries(texts.map((text, i) => [`/project/${i}.yaml`, text]))), id);
    assert.equal(told(5), undefined);
    assert.equal(told(5, axolotl("m", TRAINS))?.trains, true);
    assert.equal(told(5, axolotl("m", TRAINS))?.sentence, "0.yaml trains embed_tokens and lm_head (Axolotl), so that its rows are learnt.");
    assert.deepEqual([told(5, rows)?.trains, told(6, rows)?.trains], [true, false]);
    const mixed = told(6, axolotl("m", TRAINS), rows);
    assert.equal(mixed?.trains, undefined);
    assert.equal(mixed?.sentence, "1.yaml trains 1 rows of embed_tokens and lm_head (Axolotl); 0.yaml trains embed_tokens and lm_head (Axolotl), so use the instruct version of the model, or train both matrices.");
    assert.deepEqual(mixed.decisive.map(({ name }) => name), ["1.yaml", "0.yaml"]);
  });
});
