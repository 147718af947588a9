import { LLAMA3_NEAR_ZERO, LLAMA3_UNTRAINED } from "./llama3";

/** A text with tokens planted in it. */
export type Planted = readonly (string | { readonly id: number; readonly text: string })[];

/** A line of a dataset, and where in it the planted tokens stand: columns from 1, UTF-16 units. */
export interface PlantedLine {
  readonly line: string;
  readonly places: readonly { readonly id: number; readonly start: number; readonly end: number }[];
}

/** How the characters of a text are written in JSON. */
export type Escaping = "least" | "everything";

/** Writes a row of messages, and keeps book of where the planted tokens come to stand. */
export function plantedRow(messages: readonly (readonly [role: string, content: Planted])[], escaping: Escaping): PlantedLine {
  let line = '{"messages": [';
  const places: { id: number; start: number; end: number }[] = [];
  for (const [index, [role, content]] of messages.entries()) {
    line += `${index === 0 ? "" : ", "}{"role": "${role}", "content": "`;
    for (const piece of content) {
      const start = line.length + 1;
      line += escaped(typeof piece === "string" ? piece : piece.text, escaping);
      if (typeof piece !== "string") places.push({ id: piece.id, start, end: line.length + 1 });
    }
    line += '"}';
  }
  return { line: `${line}]}`, places };
}

function escaped(text: string, escaping: Escaping): string {
  if (escaping === "least") return JSON.stringify(text).slice(1, -1);
  return text.replace(/[^ a-z]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** The text of a content, planted tokens and all. */
export function textOf(content: Planted): string {
  return content.map((piece) => (typeof piece === "string" ? piece : piece.text)).join("");
}

/** Tokens of the list that no text becomes: bytes that UTF-8 never has, and a part of a character. */
export const UNREACHABLE: ReadonlySet<number> = new Set([124, 125, 177, 178, 179, 180, 181, 182, 183, 184, 185, 186, 187, 100_617]);

/**
 * Conversations that together have every token of the lists that text can become, in Cyrillic, Chinese, Japanese and between
 * emoji: ordinary tokens between digits, where no neighbour joins them, and special ones wherever.
 * @param tokenText the text of a token
 */
export function plantedConversations(tokenText: (id: number) => string): readonly (readonly (readonly [string, Planted])[])[] {
  const plant = (id: number): { readonly id: number; readonly text: string } => ({ id, text: tokenText(id) });
  const reachable = LLAMA3_UNTRAINED.filter((id) => !UNREACHABLE.has(id));
  const ordinary = [...reachable.filter((id) => id < 128_000), ...LLAMA3_NEAR_ZERO];
  const special = reachable.filter((id) => id >= 128_000);
  const rows: (readonly (readonly [string, Planted])[])[] = ordinary.map((id) => [
    ["user", ["Что значит «1", plant(id), "2» по-русски? 中文字"]],
    ["assistant", ["Это 😀 1", plant(id), "2、日本語。"]],
  ]);
  for (let from = 0; from < special.length; from += 10) {
    const ids = special.slice(from, from + 10);
    rows.push([
      ["system", ["Отвечай кратко.", plant(ids[0]!)]],
      ["user", ids.flatMap((id) => ["你好 ", plant(id), ", мир"])],
      ["assistant", ["好。", plant(ids[0]!), plant(ids.at(-1)!)]],
    ]);
  }
  return [...rows, [["user", ["Обычный текст, 普通的文本, 🙂 ordinary text."]], ["assistant", ["Да. 是的。 <|no_such_token|>"]]]];
}
