import type { CodePointSet } from "./codePointSet";

/** An expression as a tree; what is tried first stands first. */
export type Pattern =
  | { readonly kind: "character"; readonly set: CodePointSet }
  | { readonly kind: "sequence"; readonly parts: readonly Pattern[] }
  | { readonly kind: "choice"; readonly options: readonly Pattern[] }
  | { readonly kind: "repeat"; readonly part: Pattern; readonly least: number; readonly most: number; readonly lazy: boolean }
  /** Takes nothing: true where the next character is in the set, or, if `orEnd`, where the text ends. */
  | { readonly kind: "ahead"; readonly set: CodePointSet; readonly orEnd: boolean };

export const NOTHING: Pattern = { kind: "sequence", parts: [] };

/** Whether the pattern can be true without taking a character. */
export function takesNothing(pattern: Pattern): boolean {
  switch (pattern.kind) {
    case "character":
      return false;
    case "sequence":
      return pattern.parts.every(takesNothing);
    case "choice":
      return pattern.options.some(takesNothing);
    case "repeat":
      return pattern.least === 0 || takesNothing(pattern.part);
    case "ahead":
      return true;
  }
}
