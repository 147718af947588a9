"""Decoding speed of Hugging Face transformers on the benchmark's shape: eager, and compiled with a static cache."""

import time

import torch
from transformers import LlamaConfig, LlamaForCausalLM

PROMPT, ANSWER, WARM_UP, RUNS = 512, 256, 2, 5

config = LlamaConfig(
    vocab_size=32000, hidden_size=2048, intermediate_size=5632, num_hidden_layers=12, num_attention_heads=32, num_key_value_heads=8, max_position_embeddings=2048
)
with torch.device("cuda"):
    model = LlamaForCausalLM(config).half().eval()


def speed(name, **options):
    runs = []
    for run in range(WARM_UP + RUNS):
        torch.manual_seed(run)
        ids = torch.randint(3, 32000, (1, PROMPT), device="cuda")
        times = {}
        for count in (1, ANSWER):
            torch.cuda.synchronize()
            started = time.perf_counter()
            model.generate(ids, attention_mask=torch.ones_like(ids), min_new_tokens=count, max_new_tokens=count, do_sample=False, pad_token_id=0, **options)
            torch.cuda.synchronize()
            times[count] = time.perf_counter() - started
        runs.append(((ANSWER - 1) / (times[ANSWER] - times[1]), times[1] * 1000))
    rates, prefills = zip(*runs[WARM_UP:])
    middle = lambda values: sorted(values)[len(values) // 2]
    print(f"{name}\t{middle(rates):.1f}\t{middle(prefills):.1f}\t{runs[0][0]:.1f}\t{runs[0][1]:.1f}", flush=True)


with torch.no_grad():
    speed("Hugging Face generate, fp16, eager")
    speed("Hugging Face generate, fp16, static cache (compiled)", cache_implementation="static")
