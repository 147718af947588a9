import { readFileSync, writeFileSync } from "node:fs";

/** Puts a table of measured figures between its marks in the README, `<!-- bench:NAME -->` and `<!-- /bench:NAME -->`. */
export function writeFigures(name: string, markdown: string): void {
  const readme = readFileSync("README.md", "utf8");
  const [start, end] = [`<!-- bench:${name} -->`, `<!-- /bench:${name} -->`];
  const from = readme.indexOf(start);
  const to = readme.indexOf(end);
  if (from < 0 || to < from) throw new Error(`README.md has no place for the figures of ${name}: ${start} … ${end}.`);
  writeFileSync("README.md", `${readme.slice(0, from + start.length)}\n${markdown.trim()}\n${readme.slice(to)}`);
}
