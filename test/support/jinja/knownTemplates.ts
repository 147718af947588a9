import type { EngineId } from "../../../extension/core/template/engines/table";
import type { ProbeId } from "../../../extension/core/template/probes/probe";

/** Verdicts of some probes of a template. */
export type Expected = Partial<Record<ProbeId, string>>;

/** Verdicts that were checked by reading the templates. */
export const KNOWN: Readonly<Record<string, Expected>> = {
  "llama.cpp/meta-llama-Llama-3.1-8B-Instruct.jinja": {
    "system-role": "kept", alternation: "free", "generation-prompt": "honoured", "end-of-turn": "token", "prefix-preserving": "yes",
    tools: "rendered", "empty-tools": "announced", "tool-calls": "kept", "tool-arguments": "mapping", "content-parts": "repr",
    "double-bos": "template", "continue-final": "trimmed", "generation-tag": "no", "thinking-switch": "none",
  },
  "llama.cpp/Qwen-Qwen2.5-7B-Instruct.jinja": {
    "system-role": "kept", alternation: "free", "generation-prompt": "honoured", "end-of-turn": "token", "prefix-preserving": "yes",
    tools: "rendered", "empty-tools": "ignored", "tool-calls": "kept", "tool-arguments": "mapping", "content-parts": "refused",
    "unknown-role": "dropped", "continue-final": "works", "thinking-switch": "none",
  },
  "llama.cpp/Qwen-Qwen3-0.6B.jinja": {
    "system-role": "kept", "generation-prompt": "honoured", "prefix-preserving": "no", "tool-prefix-preserving": "no", "tool-calls": "kept",
    "tool-arguments": "both", "thinking-switch": "on", "thinking-history": "last-only", "reasoning-field": "last-only", "empty-thinking": "last-only",
  },
  "trl/qwen3_training.jinja": {
    "prefix-preserving": "yes", "tool-prefix-preserving": "yes", "generation-tag": "yes", "end-of-turn-mask": "inside",
    "thinking-history": "kept", "reasoning-field": "kept", "empty-thinking": "every",
  },
  "huggingface.js-e2e/TheBloke-Mistral-7B-Instruct-v0.1-GPTQ.jinja": {
    "system-role": "refused", alternation: "enforced", "generation-prompt": "implicit", "generation-prefix": "same", "end-of-turn": "eos",
    tools: "dropped", "tool-calls": "refused", "unknown-role": "refused", "double-bos": "template",
  },
  "huggingface.js-e2e/mistralai-Mistral-7B-Instruct-v0.3-JSON-Schema.jinja": {
    "system-role": "dropped", "generation-prompt": "implicit", "end-of-turn": "eos", tools: "rendered", "tool-calls": "kept", "tool-arguments": "mapping",
  },
  "huggingface.js-e2e/mistralai-Mistral-Nemo-Instruct-2407.jinja": {
    "system-role": "merged", alternation: "enforced", "generation-prompt": "implicit", "end-of-turn": "eos", tools: "rendered",
    "empty-tools": "announced", "tool-calls": "kept", "tool-arguments": "mapping", "end-of-tool-turn": "same",
  },
  "llama.cpp/google-gemma-2-2b-it.jinja": {
    "system-role": "refused", alternation: "enforced", "generation-prompt": "honoured", "end-of-turn": "token", "content-parts": "repr",
    tools: "dropped", "tool-calls": "refused", "continue-final": "trimmed", "double-bos": "template",
  },
  "trl/gemma3.jinja": {
    "system-role": "merged", alternation: "enforced", "generation-prompt": "honoured", "end-of-turn": "token", "content-parts": "yes",
    "content-string": "yes", tools: "dropped", "double-bos": "template",
  },
  "llama.cpp-test/Phi-3-mini.jinja": {
    "system-role": "dropped", "generation-prompt": "implicit", "end-of-turn": "token", tools: "dropped", "tool-calls": "dropped",
    "tool-arguments": "dropped", "unknown-role": "dropped",
  },
  "llama.cpp/microsoft-Phi-3.5-mini-instruct.jinja": {
    "system-role": "kept", "generation-prompt": "rewrites", "prefix-preserving": "no", "end-of-turn": "token", tools: "dropped",
  },
  "llama.cpp-test/phi-4.jinja": {
    "system-role": "kept", "generation-prompt": "implicit", "end-of-turn": "token", tools: "dropped", "tool-calls": "dropped",
  },
  "llama.cpp/deepseek-ai-DeepSeek-R1-Distill-Llama-8B.jinja": {
    "system-role": "kept", "generation-prompt": "honoured", "generation-prefix": "differs", "thinking-history": "stripped", tools: "dropped",
    "tool-calls": "kept", "tool-arguments": "string", "end-of-tool-turn": "other", "double-bos": "template",
  },
  "trl/deepseekv3.jinja": {
    "generation-prefix": "differs", "thinking-history": "stripped", "tool-arguments": "string", "end-of-tool-turn": "same",
  },
  "huggingface.js-e2e/HuggingFaceH4-zephyr-7b-beta-add_generation_prompt-false.jinja": {
    "system-role": "kept", "generation-prompt": "honoured", "end-of-turn": "eos", "unknown-role": "dropped", alternation: "free", tools: "dropped",
  },
  "chujiezheng/chatml.jinja": {
    "system-role": "kept", alternation: "enforced", "generation-prefix": "differs", "end-of-turn": "token", "continue-final": "trimmed",
  },
  "chujiezheng/llama-2-chat.jinja": { "system-role": "merged", alternation: "enforced", "generation-prompt": "implicit", "end-of-turn": "eos" },
  "ollama-automap/library-command-r-35b.jinja": {
    "system-role": "kept", alternation: "enforced", "generation-prompt": "honoured", "end-of-turn": "token", tools: "dropped", "double-bos": "template",
  },
  "llama.cpp/CohereForAI-c4ai-command-r-plus-tool_use.jinja": {
    "system-role": "kept", tools: "rendered", "tool-calls": "kept", "tool-arguments": "mapping", "prefix-preserving": "no",
  },
  "llama.cpp/openai-gpt-oss-120b.jinja": {
    "end-of-turn": "varies", "end-of-tool-turn": "other", tools: "rendered", "tool-calls": "kept", "prefix-preserving": "no", "reasoning-field": "last-only",
  },
  "llama.cpp/GLM-4.6.jinja": {
    "end-of-turn": "none", "thinking-switch": "on", "thinking-history": "last-only", "empty-thinking": "every", "tool-arguments": "mapping",
  },
  "trl/llava_next.jinja": { "content-string": "dropped", "content-parts": "yes" },
};

/** llama.cpp's tests of what it does not do yet, which it skips, and of filters that it has for undefined values only. */
export const NOT_IMPLEMENTED: Partial<Record<EngineId, readonly string[]>> = {
  "llama.cpp": [
    "escaped in {{ 'yes' if 'foo'|safe is escaped }}",
    "map(filter) in {{ arr|map('int')|sum }}",
    "replace(count) in {{ s.replace('a', 'X', 2) }}",
    "sum in {{ arr|map('int')|sum }}",
    "sum in {{ arr|sum }}",
    "tojson(sort_keys=) in {{ data|tojson(sort_keys=true) }}",
    "truncate() in {{ arr|truncate(9) }}",
    "unique in {{ arr|unique|join }}",
  ],
};
