import type { Span } from "../../../../base/text";
import type { RuleMeta } from "../../../rules/rule";
import type { ProbedId } from "../../../rules/template/templateRules";

/** What a rule has found in a template. */
export interface TemplateFinding {
  readonly rule: RuleMeta;
  readonly span: Span;
  readonly message: string;
  /** The probe whose two prompts show it. */
  readonly probe?: ProbedId;
}
