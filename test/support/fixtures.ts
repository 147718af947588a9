import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import * as path from "node:path";

/** Where the reference data is: beside the project, or where TUNESMITH_FIXTURES says. */
export const FIXTURES = path.resolve(process.env["TUNESMITH_FIXTURES"] ?? "../shared/fixtures");

/** Whether the reference data is there. Without it a run in CI fails; elsewhere the caller's skip says what was left out. */
export function haveFixtures(what: string): boolean {
  if (existsSync(FIXTURES)) return true;
  const message = `${what}: the reference data is not at ${FIXTURES}; set TUNESMITH_FIXTURES to its folder.`;
  if (process.env["CI"] !== undefined) throw new Error(message);
  console.log(`skipped ${message}`);
  return false;
}

/** The files below a folder of the reference data, as paths relative to it, sorted. */
export function filesBelow(folder: string): string[] {
  const root = path.join(FIXTURES, folder);
  return readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((file) => statSync(path.join(root, file)).isFile())
    .sort();
}

/** Every row of the datasets as one line of JSON each. */
export function fixtureRows(): string[] {
  const rows: string[] = [];
  for (const file of filesBelow("datasets")) {
    if (!/\.jsonl?$/.test(file)) continue;
    const text = readFileSync(path.join(FIXTURES, "datasets", file), "utf8");
    try {
      const value = JSON.parse(text) as unknown;
      for (const row of Array.isArray(value) ? value : [value]) rows.push(JSON.stringify(row));
    } catch {
      rows.push(...text.split("\n").filter((line) => line.trim() !== ""));
    }
  }
  return rows;
}
