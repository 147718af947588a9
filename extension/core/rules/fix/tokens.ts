import type { Found } from "../rule";
import { chosenFix, type Fix, type FixableRow } from "./fix";

/** Ways out for characters that become a token with untrained rows. What the template writes cannot be mended in the row. */
export function tokenFixes(_row: FixableRow, { span, data }: Found): readonly Fix[] {
  const { token, origin, alternatives } = data;
  if (origin !== "content" || typeof token !== "string") return [];
  const replace = (id: string, title: string, text: string): Fix => chosenFix(id, title, [{ start: span.start, end: span.end, text: JSON.stringify(text).slice(1, -1) }]);
  const others = Array.isArray(alternatives) ? (alternatives as readonly string[]) : [];
  return [
    ...others.map((other) => replace(`use ${other}`, `Use ${other} instead`, other)),
    ...plainTexts(token).map((text) => replace("plain-text", `Write it as plain text: ${text}`, text)),
    replace("remove-token", `Remove ${token}`, ""),
  ];
}

/** A special token's text with a space in it, which makes it text like any other. */
function plainTexts(token: string): readonly string[] {
  const opened = /^(<\|?|\[)(.+)$/s.exec(token);
  return opened === null || !/[>\]]$/.test(token) ? [] : [`${opened[1] ?? ""} ${opened[2] ?? ""}`];
}
