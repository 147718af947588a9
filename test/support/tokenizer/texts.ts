import { readFileSync } from "node:fs";
import * as path from "node:path";
import { gunzipSync } from "node:zlib";
import type { AddedToken } from "../../../extension/core/tokenizer/tokenizer";
import { FIXTURES, fixtureRows } from "../fixtures";
import type { Random } from "../random";
import { randomText } from "./randomText";

let strings: readonly string[] | undefined;

/** Every string in the rows of the datasets, once each. */
export function datasetStrings(): readonly string[] {
  strings ??= Array.from(new Set(fixtureRows().flatMap((row) => stringsIn(parsed(row)))));
  return strings;
}

function parsed(row: string): unknown {
  try {
    return JSON.parse(row);
  } catch {
    return row;
  }
}

function stringsIn(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(stringsIn) : [];
}

/** The messages of the text in which nothing repeats, evenly taken until there are that many megabytes of UTF-8. */
export function neverRepeating(megabytes: number): readonly string[] {
  const rows = gunzipSync(readFileSync(path.join(FIXTURES, "corpus/never-repeats.jsonl.gz"))).toString("utf8").trimEnd().split("\n");
  const messages = rows.flatMap((row) => (JSON.parse(row) as { readonly messages: readonly { readonly content: string }[] }).messages.map(({ content }) => content));
  const sizes = messages.map((message) => Buffer.byteLength(message));
  const step = Math.max(1, Math.floor(sizes.reduce((sum, size) => sum + size, 0) / (megabytes * 1e6)));
  let left = megabytes * 1e6;
  return messages.filter((_, i) => i % step === 0 && (left -= sizes[i] ?? 0) > -1e6 && left > 0);
}

/** Texts of a few words around added tokens, with what may make them hard to find. */
export function addedTokenText(random: Random, added: readonly AddedToken[]): string {
  const between = [" ", "  ", "\n", "x", "word", ".", "<|", "<", ">", "|>", "é", "e\u0301", "中", "😀", "", "", "1", "_"];
  return Array.from({ length: 1 + random.int(12) }, () => {
    const kind = random.int(3);
    if (kind === 2 || added.length === 0) return random.int(5) === 0 ? randomText(random, 10) : random.pick(between);
    const { content } = random.pick(added);
    return kind === 0 ? content : content.slice(random.int(3), content.length - random.int(3));
  }).join("");
}

/** What grows more than it should in engines that try again and again; each about `length` characters. */
export function hostileTexts(length: number, random: Random): Readonly<Record<string, string>> {
  const of = (unit: string): string => unit.repeat(Math.ceil(length / unit.length));
  const from = (characters: string): string => {
    const list = Array.from(characters);
    return Array.from({ length }, () => random.pick(list)).join("");
  };
  return {
    "one letter": of("a"),
    "letters in turn": of("ab"),
    "spaces": of(" "),
    "spaces before a letter": `${of(" ")}x`,
    "line breaks": of("\n"),
    "spaces and line breaks": of("  \n \t\r\n"),
    "a line break before many spaces": `${of(" ")}\n${of(" ")}x`,
    "digits": of("1234567890"),
    "base64": from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"),
    "one long word": from("etaoinshrdlucmfwypvbgkjqxz"),
    "capitals": of("A"),
    "punctuation": from("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"),
    "one punctuation mark": of("-"),
    "apostrophes": of("'s'"),
    "emoji": of("😀👨‍👩‍👧🏽"),
    "ideographs": from("的一是不了人我在有他这中大来上国个到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可她里后小么心多天而能好都然没日于起还发成事只作当想看文无开手十用主行方又如前所本见经头面公同三已老从动两长"),
    "kana": of("ひらがなカタカナ"),
    "combining marks": `e${of("\u0301")}`,
    "marks in the wrong order": of("a\u0301\u0323"),
    "Hangul in parts": of("\u1112\u1161\u11ab"),
    "private use": of("\ue000"),
    "beginnings of added tokens": of("<|<"),
    "mixed": of("Word 12 — 中文, don't!\n\t😀 é \u00a0 x=1;"),
  };
}
