/** How makers name the model that was trained to answer, by the name of the one that was not. */
const RENAMED: readonly (readonly [base: RegExp, instruct: string])[] = [
  [/^(.*mistral-nemo)-base(-\d+.*)$/i, "$1-Instruct$2"],
  [/^(.*mistral-7b)(-v0\.\d.*)$/i, "$1-Instruct$2"],
  [/^(.*qwen3.*)-base$/i, "$1"],
  [/^(.*gemma.*)-pt$/i, "$1-it"],
  [/^(.*gemma-(?:\d+(?:\.\d+)?-)?\d+b)$/i, "$1-it"],
  [/^(.*(?:llama-?3|qwen-?[12]|smollm|olmo|falcon|granite).*?)(-bnb-4bit|-4bit)?$/i, "$1-Instruct$2"],
];

/** Names of models that answer already, or whose rows were mended. */
const INSTRUCT = /instruct|chat|-it\b|fixed-special|special-tokens-adjusted|hermes|\bsft\b|\bdpo\b/i;

/**
 * The name of the instruct version of a model (`meta-llama/Meta-Llama-3-8B`), as its makers name it; undefined where the model is
 * one already, or its family is not known.
 */
export function instructName(model: string): string | undefined {
  if (INSTRUCT.test(model)) return undefined;
  const found = RENAMED.find(([base]) => base.test(model));
  return found === undefined ? undefined : model.replace(found[0], found[1]);
}
