import assert from "node:assert/strict";
import { test } from "node:test";
import { readTrainingConfigs } from "../../../extension/core/training/readConfigs";
import { configSnippets } from "../../../extension/core/training/snippets";
import { describeTraining, trainsToken, type TrainingConfig } from "../../../extension/core/training/trainingConfig";

/** What the only configuration of a file says, in short: `input output`. */
function summary(file: string, text: string): string {
  const configs = readTrainingConfigs(file, text);
  assert.equal(configs.length, 1, `${configs.length} configurations`);
  return inShort(configs[0]!);
}

function inShort({ trainer, input, output }: TrainingConfig): string {
  return [trainer, ...[input, output].map((matrix) => (matrix.kind === "rows" ? matrix.ids.join("+") : matrix.kind))].join(" ");
}

const AXOLOTL = "base_model: meta-llama/Meta-Llama-3-8B\n";
const LORA = `${AXOLOTL}adapter: qlora\nlora_target_linear: true\n`;
const FACTORY = "model_name_or_path: Qwen/Qwen2.5-7B\nstage: sft\n";
const TRL = "model_name_or_path: Qwen/Qwen2.5-7B\ndataset_name: trl-lib/Capybara\n";

for (const [name, text, expected] of [
  ["Axolotl without adapter", AXOLOTL, "axolotl all all"],
  ["Axolotl, some parameters only", `${AXOLOTL}unfrozen_parameters:\n  - ^lm_head.weight$\n  - model.layers.4[4-7]+.mlp\n`, "axolotl frozen all"],
  ["Axolotl's adapter", LORA, "axolotl frozen frozen"],
  ["Axolotl's modules to save", `${LORA}lora_modules_to_save: [embed_tokens, lm_head]\n`, "axolotl all all"],
  ["Axolotl, modules by their full names", `${LORA}lora_modules_to_save:\n  - model.embed_tokens\n`, "axolotl all frozen"],
  ["Axolotl's targets", `${LORA}lora_target_modules:\n  - q_proj\n  - embed_tokens\n`, "axolotl low-rank frozen"],
  ["Axolotl, a pattern", `${LORA}lora_target_modules: 'model.layers.[\\d]+.(mlp|self_attn).(up|down)_proj'\n`, "axolotl unknown unknown"],
  ["Axolotl, rows", `${LORA}peft_trainable_token_indices: [128006, 128007]\n`, "axolotl 128006+128007 frozen"],
  ["Axolotl, rows by matrix", `${LORA}peft_trainable_token_indices:\n  embed_tokens: [5]\n  lm_head: [5, 6]\n`, "axolotl 5 5+6"],
  ["Axolotl, an adapter of another kind", `${AXOLOTL}adapter: llama-adapter\n`, "axolotl unknown unknown"],
  ["LLaMA-Factory", FACTORY, "llama-factory frozen frozen"],
  ["LLaMA-Factory, full", `${FACTORY}finetuning_type: full\n`, "llama-factory all all"],
  ["LLaMA-Factory's additional target", `${FACTORY}finetuning_type: lora\nlora_target: all\nadditional_target: embed_tokens, lm_head\n`, "llama-factory all all"],
  ["LLaMA-Factory, vocabulary resized", `${FACTORY}resize_vocab: true\n`, "llama-factory all all"],
  ["LLaMA-Factory, resized, with a target of its own", `${FACTORY}resize_vocab: true\nadditional_target: embed_tokens\n`, "llama-factory all frozen"],
  ["LLaMA-Factory, frozen", `${FACTORY}finetuning_type: freeze\nfreeze_extra_modules: lm_head\n`, "llama-factory frozen all"],
  ["LLaMA-Factory, another method", `${FACTORY}finetuning_type: oft\n`, "llama-factory unknown unknown"],
  ["TRL", TRL, "trl all all"],
  ["TRL with PEFT", `${TRL}use_peft: true\nlora_target_modules: all-linear\n`, "trl frozen frozen"],
  ["TRL with PEFT and modules", `${TRL}use_peft: true\nlora_modules_to_save:\n- lm_head\n`, "trl frozen all"],
] as const) {
  test(name, () => assert.equal(summary("train.yaml", text), expected));
}

const UNSLOTH = 'from unsloth import FastLanguageModel\nmodel, tokenizer = FastLanguageModel.from_pretrained(model_name = "unsloth/llama-3-8b", max_seq_length = 2048)\n';

for (const [name, text, expected] of [
  ["Unsloth's defaults", `${UNSLOTH}model = FastLanguageModel.get_peft_model(model, r = 16)`, "unsloth frozen frozen"],
  ["Unsloth's targets", `${UNSLOTH}model = FastLanguageModel.get_peft_model(\n    model,\n    r = 16, # rank\n    target_modules = ["q_proj", "v_proj",\n      'embed_tokens', "lm_head",],)`, "unsloth all all"],
  ["Unsloth, everything", 'm, t = FastModel.from_pretrained("unsloth/gemma-3-4b-it", full_finetuning = True)', "unsloth all all"],
  ["PEFT's modules to save", 'config = LoraConfig(r=8, modules_to_save=["embed_tokens", "lm_head"])\nmodel = get_peft_model(model, config)', "peft all all"],
  ["PEFT's targets", 'config = peft.LoraConfig(target_modules=("embed_tokens", "q_proj"))', "peft low-rank frozen"],
  ["PEFT, all linear modules", 'LoraConfig(target_modules="all-linear", modules_to_save=None)', "peft frozen frozen"],
  ["PEFT, rows", "LoraConfig(trainable_token_indices=[128_006, 128007])", "peft 128006+128007 frozen"],
  ["PEFT, rows by matrix", 'LoraConfig(trainable_token_indices={"embed_tokens": [1], "lm_head": [1, 2]})', "peft 1 1+2"],
  ["names that stand for lists", 'COMMON = ["q_proj"]\nTARGETS = COMMON + ["lm_head"]\nLoraConfig(target_modules=TARGETS, modules_to_save=[*TARGETS, "embed_tokens"])', "peft all all"],
  ["a name that is assigned twice", 'X = ["lm_head"]\nif big:\n    X = []\nLoraConfig(modules_to_save=X)', "peft unknown unknown"],
  ["what is computed", "LoraConfig(target_modules=find_all_linear_names(model), r=cfg['r'])", "peft unknown unknown"],
  ["arguments from elsewhere", 'LoraConfig(**kwargs, modules_to_save=["lm_head"])', "peft unknown all"],
  ["a comprehension", "LoraConfig(modules_to_save=[name for name in names if name])", "peft unknown unknown"],
  ["strings in pieces, comments and brackets", 'LoraConfig(  # LoraConfig(\n  r={"a": (1, 2)}["a"][0],\n  modules_to_save=["embed_"\n    "tokens"],)', "peft all frozen"],
  ["an f-string", 'LoraConfig(modules_to_save=[f"{x}"])', "peft unknown unknown"],
] as const) {
  test(name, () => assert.equal(summary("train.py", text), expected));
}

test("nothing but configurations is read", () => {
  for (const [file, text] of [
    ["a.yaml", "services:\n  web: {image: x}\n"],
    ["a.yaml", "# base_model: x\nname: ci\n"],
    ["a.yaml", "base_model: [unclosed\n  - x: : :\n"],
    ["a.yaml", "- base_model: x\n"],
    ["a.py", "def get_peft_model(model):\n    pass\nclass LoraConfig(Base):\n    pass\nimport LoraConfig\n"],
    ["a.py", '"""LoraConfig(modules_to_save=[])"""\n# get_peft_model(model, target_modules=[])\n'],
    ["a.ipynb", "{"],
    ["a.txt", LORA],
  ] as const) {
    assert.deepEqual(readTrainingConfigs(file, text), [], text);
  }
});

test("a notebook's cells are one file", () => {
  const cells = [
    { cell_type: "markdown", source: ["LoraConfig()"] },
    { cell_type: "code", source: ["!pip install 'unsloth\n", 'TARGETS = ["embed_tokens", "lm_head"]'] },
    { cell_type: "code", source: "%%capture\nmodel = FastLanguageModel.get_peft_model(model, target_modules = TARGETS)" },
  ];
  assert.equal(summary("train.ipynb", JSON.stringify({ cells })), "unsloth all all");
});

test("the model, and the place that decides", () => {
  const text = `${UNSLOTH}model = FastLanguageModel.get_peft_model(model, target_modules = ["q_proj"])`;
  const [python] = readTrainingConfigs("train.py", text);
  assert.equal(python?.model, "unsloth/llama-3-8b");
  assert.equal(text.slice(python.span.start, python.span.end), "target_modules");
  const yaml = `${LORA}lora_modules_to_save:\n  - lm_head\nfix_untrained_tokens: [128006]\n`;
  const [axolotl] = readTrainingConfigs("train.yml", yaml);
  assert.equal(axolotl?.model, "meta-llama/Meta-Llama-3-8B");
  assert.equal(yaml.slice(axolotl.span.start, axolotl.span.end), "lora_modules_to_save");
  assert.equal(axolotl.fixesUntrained, true);
});

test("whether a token's rows are trained, in words too", () => {
  const [rows] = readTrainingConfigs("a.yaml", `${LORA}peft_trainable_token_indices: {embed_tokens: [5, 6], lm_head: [5]}\n`);
  assert.deepEqual([5, 6, 7].map((id) => trainsToken(rows!, id)), [true, false, false]);
  assert.equal(describeTraining(rows!), "trains 2 rows of embed_tokens and trains 1 rows of lm_head (Axolotl)");
  const [unknown] = readTrainingConfigs("a.py", "LoraConfig(**config)");
  assert.equal(trainsToken(unknown!, 5), undefined);
  const [none] = readTrainingConfigs("a.yaml", FACTORY);
  assert.equal(describeTraining(none!), "does not train embed_tokens and lm_head (LLaMA-Factory)");
});

test("files that mean harm end soon", () => {
  const bombs: readonly (readonly [string, string])[] = [
    ["a.yaml", `base_model: x\na: &a [1,1,1,1,1,1,1,1,1]\n${Array.from({ length: 20 }, (_, i) => `a${i}: &a${i} [${Array.from({ length: 9 }, () => (i === 0 ? "*a" : `*a${i - 1}`)).join(",")}]`).join("\n")}\n`],
    ["a.yaml", `base_model: x\ny: ${"[".repeat(100_000)}`],
    ["a.yaml", `base_model: x\ny:\n${"- ".repeat(50_000)}`],
    ["a.py", "get_peft_model(".repeat(100_000)],
    ["a.py", `LoraConfig(${"[".repeat(200_000)}`],
    ["a.py", "LoraConfig\na=[\n".repeat(50_000)],
    ["a.py", `LoraConfig("${"\\".repeat(500_000)}`],
    ["a.py", `LoraConfig\n${"A = A\n".repeat(1000)}LoraConfig(modules_to_save=A)`],
    ["a.py", "LoraConfig # \\\n".repeat(100_000)],
    ["a.py", "LoraConfig " + " \\\n".repeat(100_000) + "\u0000"],
  ];
  for (const [file, text] of bombs) {
    for (const config of readTrainingConfigs(file, text)) assert.notEqual(config.input.kind, "all");
  }
});

test("the snippets say what they are read as", () => {
  for (const tied of [true, false]) {
    const made = configSnippets({ ids: [5, 6], tied });
    const read = made.map(({ trainer, language, text }) => {
      const head = trainer === "axolotl" ? LORA : trainer === "llama-factory" ? FACTORY : "";
      return inShort(readTrainingConfigs(language === "python" ? "a.py" : "a.yaml", head + text)[0]!);
    });
    const output = tied ? "frozen" : "all";
    assert.deepEqual(read, ["unsloth all all", `peft all ${output}`, `peft 5+6 ${output}`, "axolotl all all", `llama-factory all ${output}`]);
  }
  assert.ok(configSnippets({ ids: [], tied: false }).every(({ text }) => !text.includes("[]")));
});
