import type { Role } from "../../dataset/conversation";
import type { TokenVerdict } from "../../weights/verdict/explainToken";
import type { RowKind } from "../../weights/verdict/judge";
import type { RuleMeta } from "../rule";

/** Where a token of a prompt comes from. */
export type TokenOrigin =
  /** Characters of the row: of a turn of this role, or of the tool definitions. */
  | { readonly kind: "content"; readonly role: Role | "tools" | undefined }
  /** The chat template writes it; `at` is the line and the column, where they are known. */
  | { readonly kind: "template"; readonly at?: string }
  /** The tokenizer adds it to every text. */
  | { readonly kind: "tokenizer" }
  /** The row holds the ids themselves. */
  | { readonly kind: "ids" };

/** A token that something is against, used by a row. */
export interface TokenUse {
  readonly verdict: TokenVerdict;
  /** The token as people read it; undefined where no token has the id. */
  readonly shown: string | undefined;
  readonly origin: TokenOrigin;
  /** Whether it is trained on; undefined where the template does not say what is. */
  readonly trained: boolean | undefined;
  /** What trainers do about it, as a sentence; empty where nobody does anything. */
  readonly trainers: string;
  /** What a training configuration of the workspace does about its rows, as a sentence; empty without one. */
  readonly training: string;
}

/** A rule that looks at the tokens of a row's prompts. */
export interface TokenRule {
  readonly meta: RuleMeta;
  /** The verdicts that it reports. */
  readonly kinds: readonly RowKind[];
  /** `every`: each occurrence in the data. `first`: of each token the first one of a file, where the rest would say no more. */
  readonly reports: "every" | "first";
  /** What is wrong, why, and what to do. */
  message(use: TokenUse): string;
}

/** A token as messages call it: `<|eot_id|>` (token 128009). */
export function tokenName({ shown, verdict: { id } }: TokenUse): string {
  return shown === undefined ? `token ${id}` : `\`${shown}\` (token ${id})`;
}

/** Where a token stands, as a sentence; empty where that goes without saying. */
export function placeSentence({ origin, trained }: TokenUse): string {
  switch (origin.kind) {
    case "template":
      return `The chat template writes it${origin.at === undefined ? "" : ` (${origin.at})`}, into this row and others.`;
    case "tokenizer":
      return "The tokenizer adds it to every text.";
    case "ids":
      return trained === undefined ? "" : trained ? "It is trained on." : "It is read, but not trained on.";
    case "content": {
      const where = PLACES[origin.role ?? "none"];
      if (trained === undefined) return `It is ${where}.`;
      return trained ? `It is ${where}, and trained on.` : `It is ${where}: read, but not trained on.`;
    }
  }
}

const PLACES: Readonly<Record<Role | "tools" | "none", string>> = {
  system: "in the system prompt",
  developer: "in the developer's message",
  user: "in the user's text",
  assistant: "in the assistant's text",
  tool: "in a tool's result",
  tools: "in the tool definitions",
  none: "in the row's text",
};

/** Three significant digits. */
export function shortNumber(value: number | undefined): string {
  return value === undefined ? "unknown" : String(Number(value.toPrecision(3)));
}

/** Sentences with a space between; empty ones are left out. */
export function sentences(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== "").join(" ");
}

/** The beginning of a sentence in upper case. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
