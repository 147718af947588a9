import type { Span } from "../../../base/text";
import type { Token } from "../../jinja/syntax/token";

/**
 * A text of the template that looks like a special token. Whether it is one, the tokenizer says.
 * - `control`: `<|im_start|>`, `<s>`, `[INST]`, `<start_of_turn>`: hardly ever anything else.
 * - `tag`: `<think>`, `</tool_call>`: plain text for some tokenizers.
 * - `composed`: the beginning of one whose rest is put together when the template runs: `'<|' + role + '|>'`.
 */
export interface TokenText {
  readonly text: string;
  readonly form: "control" | "tag" | "composed";
  readonly uses: readonly Span[];
}

/** No longer than this is any special token that is known. */
const LONGEST = 64;

/** What hardly ever is anything but a special token, as alternatives of a regular expression. */
export const CONTROL_TOKENS = [
  // <|im_start|>, <|start_header_id|>, <｜begin▁of▁sentence｜>
  `<[|｜][^<>|｜\\s]{1,${LONGEST}}[|｜]>`,
  // Gemma's <|turn> and <turn|>
  `<\\|\\w{1,${LONGEST}}>`,
  `<\\w{1,${LONGEST}}\\|>`,
  // [|endofturn|]
  `\\[\\|[^\\[\\]|\\s]{1,${LONGEST}}\\|\\]`,
  "</?s>",
  "<(?:bos|eos|pad|unk|mask|sep|cls|eod|eot|eom)>",
  `</?(?:start|end)_of_\\w{1,${LONGEST}}>`,
  "<(?:BOS|EOS|PAD|UNK|[A-Z]{2,}_TOKEN)>",
  "<\\w+:(?:bos|eos|pad)>",
  // [INST], [/AVAILABLE_TOOLS], [gMASK]
  `\\[/?g?[A-Z][A-Z_]{2,${LONGEST}}\\]`,
  "<</?SYS>>",
  `<extra_id_\\d{1,4}>`,
].join("|");
const TAG = `</?[A-Za-z_][\\w:-]{0,${LONGEST}}>`;
const TOKEN = new RegExp(`(?<control>${CONTROL_TOKENS})|(?<tag>${TAG})|(?<composed><[|｜]$)`, "gu");

/** The texts outside of tags, and in string literals, that look like special tokens, in order. */
export function findTokenTexts(source: string, tokens: readonly Token[]): TokenText[] {
  const found = new Map<string, { readonly form: TokenText["form"]; readonly uses: Span[] }>();
  for (const { kind, start, end } of tokens) {
    if (kind !== "text" && kind !== "string") continue;
    // In the source as it stands, so that the places are right; tokens are not written with escapes.
    const from = kind === "string" ? start + 1 : start;
    for (const match of source.slice(from, kind === "string" ? end - 1 : end).matchAll(TOKEN)) {
      const [text] = match;
      const form = match.groups?.["control"] !== undefined ? "control" : match.groups?.["tag"] !== undefined ? "tag" : "composed";
      if (form === "composed" && kind === "text") continue;
      const span = { start: from + match.index, end: from + match.index + text.length };
      const entry = found.get(text);
      if (entry === undefined) found.set(text, { form, uses: [span] });
      else entry.uses.push(span);
    }
  }
  return [...found].map(([text, { form, uses }]) => ({ text, form, uses }));
}
