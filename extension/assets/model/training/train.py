"""Trains the embedded model and writes its folder.

    python3 train.py --out FOLDER [--seconds 300] [--seed 1]

Needs torch, transformers, tokenizers and safetensors; a GPU makes it minutes. Prints the share of held-out questions that are
answered exactly, which the model card quotes, and fails under 95 %.
"""

import argparse
import json
import pathlib
import random
import time

import torch
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import LlamaConfig, LlamaForCausalLM

import conversations

VOCABULARY = 2048
CONTEXT = 512
SPECIAL = ["<|begin|>", "<|end|>", "<|pad|>", "<|system|>", "<|user|>", "<|assistant|>"]
# Nothing is trained on these, and their rows are zero, as a base model's are: something to find.
RESERVED = [f"<|reserved_{i}|>" for i in range(10)]
# Words as in Qwen's pattern, and every digit by itself, so that sums are made of ten symbols.
WORDS = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"


def train_tokenizer(seed):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(Regex(WORDS), "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    rng = random.Random(seed)
    texts = (message["content"] for _ in range(200_000) for message in conversations.conversation(rng))
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    # Sorted lists and fixed text make the merges, and so the ids, the same on every run.
    trainer = trainers.BpeTrainer(vocab_size=VOCABULARY - len(SPECIAL) - len(RESERVED), initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.add_special_tokens(SPECIAL + RESERVED)
    begin = tokenizer.token_to_id("<|begin|>")
    tokenizer.post_processor = processors.TemplateProcessing(single="<|begin|> $A", special_tokens=[("<|begin|>", begin)])
    assert tokenizer.get_vocab_size() == VOCABULARY, tokenizer.get_vocab_size()
    return tokenizer


class Encoder:
    """Prompts as ids with labels, as chat_template.jinja renders them: only what is inside its generation tag is trained on."""

    def __init__(self, tokenizer):
        self.tokenizer = tokenizer
        self.special = {name: tokenizer.token_to_id(name) for name in SPECIAL}
        self.cache = {}

    def text(self, text):
        ids = self.cache.get(text)
        if ids is None:
            ids = self.tokenizer.encode(text, add_special_tokens=False).ids
            if len(self.cache) < 500_000:
                self.cache[text] = ids
        return ids

    def conversation(self, messages):
        ids, labels = [self.special["<|begin|>"]], [-100]
        for message in messages:
            content = self.text(message["content"]) + [self.special["<|end|>"]]
            ids += [self.special[f"<|{message['role']}|>"], *content]
            labels += [-100, *(content if message["role"] == "assistant" else [-100] * len(content))]
        return ids, labels


def batches(encoder, seed, rows, length, device):
    """Conversations one after the other, filled up to `length`; a conversation never sees another, because each begins its row."""
    rng = random.Random(seed)
    pad = encoder.special["<|pad|>"]
    while True:
        ids = torch.full((rows, length), pad)
        labels = torch.full((rows, length), -100)
        for row in range(rows):
            tokens, wanted = encoder.conversation(conversations.conversation(rng))
            n = min(len(tokens), length)
            ids[row, :n] = torch.tensor(tokens[:n])
            labels[row, :n] = torch.tensor(wanted[:n])
        yield ids.to(device, non_blocking=True), labels.to(device, non_blocking=True)


def answer_share(model, encoder, rows, device):
    """The share of `rows` whose answer is generated exactly, greedily, and a few of those that are not."""
    model.eval()
    end, pad = encoder.special["<|end|>"], encoder.special["<|pad|>"]
    right, wrong = 0, []
    for start in range(0, len(rows), 250):
        part = rows[start : start + 250]
        prompts = [encoder.conversation(row["messages"][:-1])[0] + [encoder.special["<|assistant|>"]] for row in part]
        width = max(map(len, prompts))
        ids = torch.tensor([[pad] * (width - len(p)) + p for p in prompts], device=device)
        mask = torch.tensor([[0] * (width - len(p)) + [1] * len(p) for p in prompts], device=device)
        with torch.no_grad():
            out = model.generate(ids, attention_mask=mask, max_new_tokens=40, do_sample=False, eos_token_id=end, pad_token_id=pad)
        for row, generated in zip(part, out[:, width:].tolist()):
            text = encoder.tokenizer.decode(generated[: generated.index(end)] if end in generated else generated)
            if text == row["messages"][-1]["content"]:
                right += 1
            elif len(wrong) < 12:
                wrong.append((row["messages"][-2]["content"], text))
    model.train()
    return right / len(rows), wrong


def silence_reserved(model, tokenizer):
    ids = [tokenizer.token_to_id(name) for name in RESERVED]
    with torch.no_grad():
        model.model.embed_tokens.weight[ids] = 0
        model.lm_head.weight[ids] = 0


def write(folder, model, tokenizer, encoder):
    here = pathlib.Path(__file__).parent
    silence_reserved(model, tokenizer)
    model.to(torch.bfloat16).save_pretrained(folder, safe_serialization=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    config = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": CONTEXT,
        "bos_token": "<|begin|>",
        "eos_token": "<|end|>",
        "pad_token": "<|pad|>",
        "clean_up_tokenization_spaces": False,
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=2) + "\n")
    (folder / "chat_template.jinja").write_text((here / "chat_template.jinja").read_text())
    special = encoder.special
    generation = {"bos_token_id": special["<|begin|>"], "eos_token_id": special["<|end|>"], "pad_token_id": special["<|pad|>"], "do_sample": False}
    (folder / "generation_config.json").write_text(json.dumps(generation, indent=2) + "\n")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.manual_seed(args.seed)
    tokenizer = train_tokenizer(args.seed)
    encoder = Encoder(tokenizer)
    special = encoder.special
    model = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=VOCABULARY, hidden_size=128, intermediate_size=384, num_hidden_layers=5, num_attention_heads=4, num_key_value_heads=2,
            max_position_embeddings=CONTEXT, rope_theta=10000.0, tie_word_embeddings=False,
            bos_token_id=special["<|begin|>"], eos_token_id=special["<|end|>"], pad_token_id=special["<|pad|>"],
        )
    ).to(device)
    print("parameters", sum(p.numel() for p in model.parameters()))
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, betas=(0.9, 0.98), weight_decay=0.05)
    rows = conversations.held_out_rows(1000, args.seed + 1)
    began, step = time.time(), 0
    # Batches are made by other processes: making them takes longer than the step.
    loader = torch.utils.data.DataLoader(Stream(tokenizer.to_str(), args.seed), batch_size=None, num_workers=12 if device == "cuda" else 1, prefetch_factor=8)
    for ids, labels in loader:
        done = (time.time() - began) / args.seconds
        if done >= 1:
            break
        for group in optimizer.param_groups:
            group["lr"] = 2e-3 * min(1, (step + 1) / 300) * (1 - done) ** 1.0
        with torch.autocast(device, dtype=torch.bfloat16):
            loss = model(input_ids=ids.to(device), labels=labels.to(device)).loss
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        step += 1
        if step % 1000 == 0:
            share, _ = answer_share(model, encoder, rows[:250], device)
            print(f"step {step} loss {loss.item():.4f} held-out {share:.3f} {time.time() - began:.0f} s", flush=True)
    args.out.mkdir(parents=True, exist_ok=True)
    write(args.out, model, tokenizer, encoder)
    (args.out / "held-out.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    # What is judged is what was written.
    share, wrong = answer_share(LlamaForCausalLM.from_pretrained(args.out, dtype=torch.float32).to(device), encoder, rows, device)
    print(f"steps {step}; held-out questions answered exactly: {share:.3f} of {len(rows)}")
    for question, text in wrong:
        print("wrong:", question, "->", text)
    if share < 0.95:
        raise SystemExit(1)


class Stream(torch.utils.data.IterableDataset):
    def __init__(self, tokenizer_json, seed):
        self.tokenizer_json = tokenizer_json
        self.seed = seed

    def __iter__(self):
        worker = torch.utils.data.get_worker_info()
        encoder = Encoder(Tokenizer.from_str(self.tokenizer_json))
        return batches(encoder, f"{self.seed}/{worker.id if worker else 0}", rows=512, length=96, device="cpu")


if __name__ == "__main__":
    main()
