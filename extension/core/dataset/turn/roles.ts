import type { JsonValue, Role } from "../conversation";

/** The roles of OpenAI-style messages, in the order in which people are told of them. */
export const MESSAGE_ROLES: readonly Role[] = ["system", "developer", "user", "assistant", "tool"];

/** ShareGPT's own word for a role. */
export const SHAREGPT_NAMES: Readonly<Record<Role, string>> = {
  system: "system",
  developer: "system",
  user: "human",
  assistant: "gpt",
  tool: "observation",
};

/** The speakers of ShareGPT turns that trainers know best. */
export const SHAREGPT_ROLES: readonly string[] = ["system", "human", "gpt", "function_call", "observation"];

/** The role that a message's `role` means. `function` (OpenAI's old name) and `ipython` (Llama 3) are tool turns. */
export function messageRole(raw: JsonValue | undefined): Role | undefined {
  switch (raw) {
    case "system":
    case "user":
    case "assistant":
    case "tool":
    case "developer":
      return raw;
    case "function":
    case "ipython":
      return "tool";
    default:
      return undefined;
  }
}

/** The role that a ShareGPT turn's `from` means. */
export function shareGptRole(raw: JsonValue | undefined): Role | undefined {
  switch (raw) {
    case "human":
    case "input":
      return "user";
    case "gpt":
    case "model":
    case "chatgpt":
    case "bing":
    case "bard":
    case "output":
    case FUNCTION_CALL:
      return "assistant";
    case "observation":
    case "function_response":
      return "tool";
    default:
      return messageRole(raw);
  }
}

/** The `from` of a ShareGPT turn in which the assistant calls a function; its value is the call as JSON text. */
export const FUNCTION_CALL = "function_call";
