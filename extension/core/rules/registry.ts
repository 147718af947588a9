import { ROW_RULES } from "./builtin";
import { alternation } from "./conversation/alternation";
import { contentEmpty } from "./conversation/contentEmpty";
import { contentMissing } from "./conversation/contentMissing";
import { empty } from "./conversation/empty";
import { endsBeforeAssistant } from "./conversation/endsBeforeAssistant";
import { noAssistant } from "./conversation/noAssistant";
import { roleMissing } from "./conversation/roleMissing";
import { roleUnknown } from "./conversation/roleUnknown";
import { systemFirst } from "./conversation/systemFirst";
import { invalidField } from "./format/invalidField";
import type { RuleMeta, SampleRule } from "./rule";
import { TEMPLATE_RULES } from "./template/templateRules";
import { nearUntrained } from "./tokens/nearUntrained";
import { noTokenRow } from "./tokens/noTokenRow";
import { outOfRange } from "./tokens/outOfRange";
import type { TokenRule } from "./tokens/tokenRule";
import { underTrained } from "./tokens/underTrained";
import { untrained } from "./tokens/untrained";

/** The rules that look at one row at a time, in the order in which they run. */
export const SAMPLE_RULES: readonly SampleRule[] = [
  invalidField,
  empty,
  roleMissing,
  roleUnknown,
  contentMissing,
  contentEmpty,
  alternation,
  systemFirst,
  noAssistant,
  endsBeforeAssistant,
];

/** The rules that look at the tokens of a row's prompts. A verdict is reported by the first one that names it. */
export const TOKEN_RULES: readonly TokenRule[] = [untrained, nearUntrained, underTrained, outOfRange, noTokenRow];

/** Every rule, for the settings, the documentation and the reports. */
export const ALL_RULES: readonly RuleMeta[] = [...ROW_RULES, ...SAMPLE_RULES.map((rule) => rule.meta), ...TOKEN_RULES.map((rule) => rule.meta), ...TEMPLATE_RULES];
