import type { ProbeId } from "../../template/probes/probe";
import type { RuleMeta } from "../rule";

/** Rules about what a template says, found without rendering it. */
export const TEMPLATE = {
  syntax: {
    id: "template/syntax",
    severity: "error",
    description: "A chat template does not compile. The first message is the one that Python gives; transformers refuses the template.",
  },
  unknownFilter: {
    id: "template/unknown-filter",
    severity: "error",
    description: "A chat template uses a filter that transformers' environment does not have.",
  },
  unknownTest: {
    id: "template/unknown-test",
    severity: "error",
    description: "A chat template uses a test (`is …`) that transformers' environment does not have.",
  },
  unknownFunction: {
    id: "template/unknown-function",
    severity: "warning",
    description: "A chat template calls a function that it does not define and that nobody gives: the call fails when it is reached.",
  },
  unknownMethod: {
    id: "template/unknown-method",
    severity: "warning",
    description: "A chat template calls a method that no value of a conversation has, or one that changes a value, which the sandbox refuses.",
  },
  unknownVariable: {
    id: "template/unknown-variable",
    severity: "warning",
    description: "A chat template reads a variable that it does not set and that trainers do not give. It is undefined: it prints nothing, and its fields raise an error.",
  },
  engineLacks: {
    id: "template/engine-lacks",
    severity: "hint",
    description: "A chat template uses what transformers.js, llama.cpp or minja lack: there it fails, or writes another prompt.",
  },
  tooSlow: {
    id: "template/too-slow",
    severity: "warning",
    description: "A chat template took so many steps on short conversations that it was stopped; some checks are missing.",
  },
} as const satisfies Readonly<Record<string, RuleMeta>>;

/** Rules about what a template does with small conversations, by the probe that finds out. */
export const PROBED = {
  "double-bos": {
    id: "template/double-bos",
    severity: "warning",
    description: "Both the template and the tokenizer put the beginning-of-sequence token before the prompt. Trainers that add special tokens show the model two.",
  },
  "generation-prompt": {
    id: "template/generation-prompt",
    severity: "warning",
    description: "The generation prompt (`add_generation_prompt`) adds nothing, or changes what stands before: at inference the model does not know that it is its turn.",
  },
  "generation-prefix": {
    id: "template/generation-prefix",
    severity: "info",
    description: "The generation prompt is not how the assistant's turn begins in training, so that the model is asked to go on from where it never was.",
  },
  "prefix-preserving": {
    id: "template/prefix-preserving",
    severity: "info",
    description: "Earlier turns render differently when further turns follow. Trainers that mask by rendering a conversation turn by turn train on the wrong tokens.",
  },
  "tool-prefix-preserving": {
    id: "template/tool-prefix-preserving",
    severity: "info",
    description: "A call of a tool renders differently when its result follows. Trainers that render step by step, such as TRL with tools, refuse the template or mask the wrong tokens.",
  },
  "end-of-turn": {
    id: "template/end-of-turn",
    severity: "warning",
    description: "The assistant's last turn is not ended by the token that ends other turns, or by none: the model does not learn to stop.",
  },
  "end-of-tool-turn": {
    id: "template/end-of-tool-turn",
    severity: "info",
    description: "A turn that calls tools ends otherwise than an answer does: a server that waits for the usual token does not stop.",
  },
  "end-of-turn-mask": {
    id: "template/end-of-turn-mask",
    severity: "warning",
    description: "The token that ends the assistant's turn stands outside of `{% generation %}`, so that it is not trained and the model does not learn to stop.",
  },
  "generation-tag": {
    id: "template/generation-tag",
    severity: "warning",
    description: "The generation blocks (`{% generation %}`) do not mark what the assistant says, or trainers do not see it: masks are wrong or empty.",
  },
  "system-role": {
    id: "template/system-dropped",
    severity: "warning",
    description: "A system message is left out of the prompt without a word.",
  },
  alternation: {
    id: "template/turns-dropped",
    severity: "warning",
    description: "Turns that do not alternate are left out of the prompt without a word, instead of being rendered or refused.",
  },
  "unknown-role": {
    id: "template/role-dropped",
    severity: "info",
    description: "A message with a role that the template does not know is left out of the prompt without a word.",
  },
  "content-parts": {
    id: "template/content-parts",
    severity: "info",
    description: "Content that is a list of parts, as many datasets have it, is printed as Python writes lists, or left out.",
  },
  tools: {
    id: "template/tools-dropped",
    severity: "info",
    description: "The definitions of tools, or parts of them, are left out of the prompt without a word.",
  },
  "empty-tools": {
    id: "template/empty-tools",
    severity: "info",
    description: "An empty list of tools is announced as if there were tools.",
  },
  "tool-calls": {
    id: "template/tool-calls-dropped",
    severity: "info",
    description: "Calls of tools, or their results, are left out of the prompt in whole or in part, without a word.",
  },
  "tool-arguments": {
    id: "template/tool-arguments",
    severity: "warning",
    description: "The arguments of tool calls do not stand in the prompt as JSON, whether they are given as an object or as a text.",
  },
  "continue-final": {
    id: "template/continue-final",
    severity: "info",
    description: "The last message cannot be continued (`continue_final_message`): the template changes it, or refuses.",
  },
} as const satisfies Readonly<Partial<Record<ProbeId, RuleMeta>>>;

/** The probes that a rule stands on. */
export type ProbedId = keyof typeof PROBED;

export function isProbed(value: unknown): value is ProbedId {
  return typeof value === "string" && Object.hasOwn(PROBED, value);
}

/** Every rule about templates. */
export const TEMPLATE_RULES: readonly RuleMeta[] = [...Object.values(TEMPLATE), ...Object.values(PROBED)];
