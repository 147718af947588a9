import type { TrainerName } from "./trainingConfig";

/** What a snippet is made for. */
export interface SnippetRequest {
  /** The ids that need training; at most {@link MAX_SNIPPET_IDS} are written. */
  readonly ids: readonly number[];
  /** Whether the two matrices are one. */
  readonly tied: boolean;
}

/** A piece of configuration that trains the embedding rows. */
export interface ConfigSnippet {
  readonly trainer: TrainerName;
  /** As a menu shows it. */
  readonly title: string;
  /** The id of its language in VS Code. */
  readonly language: "python" | "yaml";
  readonly text: string;
}

/** Longer lists train the whole matrix as well. */
export const MAX_SNIPPET_IDS = 64;

/** The configurations to copy, for each trainer; the first is the one that Unsloth's own message asks for. */
export function configSnippets(request: SnippetRequest): readonly ConfigSnippet[] {
  return [
    { trainer: "unsloth", title: "Unsloth: get_peft_model with embed_tokens and lm_head", language: "python", text: unsloth() },
    { trainer: "peft", title: "TRL / PEFT: LoraConfig with modules_to_save", language: "python", text: modulesToSave(request) },
    ...(request.ids.length > 0 && request.ids.length <= MAX_SNIPPET_IDS
      ? [{ trainer: "peft", title: "TRL / PEFT: LoraConfig with trainable_token_indices", language: "python", text: tokenIndices(request) } as const]
      : []),
    { trainer: "axolotl", title: "Axolotl: lora_modules_to_save", language: "yaml", text: axolotl(request) },
    { trainer: "llama-factory", title: "LLaMA-Factory: additional_target", language: "yaml", text: llamaFactory(request) },
  ];
}

/** Source for the two learning rates: Unsloth's documentation on continued pretraining. */
function unsloth(): string {
  return `model = FastLanguageModel.get_peft_model(
    model,
    target_modules = [
        "q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj",
        "embed_tokens", "lm_head",  # trains the embedding rows, the untrained ones too
    ],
    # keep your other arguments: r, lora_alpha, ...
)

from unsloth import UnslothTrainer, UnslothTrainingArguments

trainer = UnslothTrainer(
    model = model,
    tokenizer = tokenizer,
    train_dataset = dataset,
    args = UnslothTrainingArguments(
        learning_rate = 5e-5,
        embedding_learning_rate = 5e-6,  # a tenth: the embeddings of all other tokens are fine already
        # keep your other arguments
    ),
)
`;
}

function modulesToSave({ tied }: SnippetRequest): string {
  // Two copies of one matrix would be trained apart.
  const modules = tied ? `["embed_tokens"],\n    ensure_weight_tying=True,  # lm_head is the same matrix` : `["embed_tokens", "lm_head"],`;
  return `peft_config = LoraConfig(
    task_type="CAUSAL_LM",
    target_modules="all-linear",
    modules_to_save=${modules}
    # keep your other arguments: r, lora_alpha, ...
)
model = get_peft_model(model, peft_config)

# A lower learning rate for the embeddings: those of all other tokens are fine already.
trained = [(name, p) for name, p in model.named_parameters() if p.requires_grad]
optimizer = torch.optim.AdamW([
    {"params": [p for name, p in trained if "modules_to_save" not in name], "lr": 2e-4},
    {"params": [p for name, p in trained if "modules_to_save" in name], "lr": 2e-5},
])
trainer = SFTTrainer(model=model, train_dataset=dataset, optimizers=(optimizer, None))
`;
}

function tokenIndices({ ids, tied }: SnippetRequest): string {
  const output = tied ? "" : `\n    modules_to_save=["lm_head"],  # needed where the model is to write these tokens`;
  return `peft_config = LoraConfig(
    task_type="CAUSAL_LM",
    target_modules="all-linear",
    trainable_token_indices={"embed_tokens": [${ids.join(", ")}]},  # trains these rows only${output}
    # keep your other arguments: r, lora_alpha, ...
)
`;
}

function axolotl({ ids }: SnippetRequest): string {
  const fix = ids.length > 0 && ids.length <= MAX_SNIPPET_IDS ? `# Sets these rows to the mean of the others before the training.\nfix_untrained_tokens: [${ids.join(", ")}]\n` : "";
  return `lora_modules_to_save:
  - embed_tokens
  - lm_head
# A lower learning rate for the embeddings: those of all other tokens are fine already.
embedding_lr_scale: 0.1
${fix}`;
}

function llamaFactory({ tied }: SnippetRequest): string {
  return `additional_target: ${tied ? "embed_tokens" : "embed_tokens,lm_head"}
# LLaMA-Factory has one learning rate for all; a lower one spares the embeddings of all other tokens.
learning_rate: 2.0e-5
`;
}
