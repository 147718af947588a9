import { BUILTIN } from "../builtin";
import { SAMPLE_RULES, TOKEN_RULES } from "../registry";
import type { FixRule } from "../rule";
import { mixedFormatFixes, unknownFormatFixes } from "./format";
import { duplicateKeyFixes, numberRangeFixes, surrogateFixes } from "./lint";
import { doubleBosFixes, overLengthFixes, refusedFixes } from "./prompt";
import { syntaxFixes } from "./syntax";
import { tokenFixes } from "./tokens";

/** Fixes of the rules that are found elsewhere than in a rule's own file. */
const BUILTIN_FIXES: Readonly<Record<string, FixRule>> = {
  [BUILTIN.jsonSyntax.id]: syntaxFixes,
  [BUILTIN.jsonDuplicateKey.id]: duplicateKeyFixes,
  [BUILTIN.jsonLoneSurrogate.id]: surrogateFixes,
  [BUILTIN.jsonNumberRange.id]: numberRangeFixes,
  [BUILTIN.formatUnknown.id]: unknownFormatFixes,
  [BUILTIN.formatMixed.id]: mixedFormatFixes,
  [BUILTIN.templateRefused.id]: refusedFixes,
  [BUILTIN.tokensOverLength.id]: overLengthFixes,
  [BUILTIN.tokensDoubleBos.id]: doubleBosFixes,
};

const FIXES: ReadonlyMap<string, FixRule> = new Map([
  ...Object.entries(BUILTIN_FIXES),
  ...TOKEN_RULES.map(({ meta }) => [meta.id, tokenFixes] as const),
  ...SAMPLE_RULES.flatMap(({ meta, fix }) => (fix === undefined ? [] : [[meta.id, fix] as const])),
]);

/** The fixes that a rule has, or undefined. */
export function fixRuleOf(rule: string): FixRule | undefined {
  return FIXES.get(rule);
}
