import { spawnSync } from "node:child_process";
import { ENDLESS, LONG, TOO_DEEP, WRONG } from "../support/jinja/hostile";

/** What a hostile template may take. */
const SECONDS = 1;
const MEGABYTES = 200;

interface Result {
  readonly end: string;
  /** Of processor time, collecting garbage included. */
  readonly seconds: number;
  readonly megabytes: number;
}

/** Processor time and memory of every hostile template, in a process of its own, without and with provenance. */
export async function bench({ nodeBundles }: { readonly nodeBundles: (entries: readonly string[]) => Promise<readonly string[]> }): Promise<void> {
  const [file = ""] = await nodeBundles(["bench/template/hostileProcess.ts"]);
  let over = 0;
  for (const [table, templates] of Object.entries({ ENDLESS, TOO_DEEP, LONG, WRONG })) {
    for (const name of Object.keys(templates)) {
      const results = ["plain", "provenance"].map((mode) => measure(file, table, name, mode));
      const isOver = results.some(({ seconds, megabytes }) => seconds > SECONDS || megabytes > MEGABYTES);
      if (isOver) over++;
      console.log(`${isOver ? "!" : " "} ${name.padEnd(52)}${results.map(({ seconds, megabytes }) => `${seconds.toFixed(2).padStart(6)} s${String(Math.round(megabytes)).padStart(5)} MB`).join("  ")}   ${results[0]?.end ?? ""}`);
    }
  }
  console.log(`  ${over} of ${Object.values({ ENDLESS, TOO_DEEP, LONG, WRONG }).reduce((sum, templates) => sum + Object.keys(templates).length, 0)} took more than ${SECONDS} s or ${MEGABYTES} MB`);
}

function measure(file: string, table: string, name: string, mode: string): Result {
  const { stdout, stderr } = spawnSync(process.execPath, [file, table, name, mode], { encoding: "utf8", timeout: 15_000 });
  if (stdout === "") return { end: `died: ${stderr.split("\n").find((line) => /Error|FATAL/.test(line)) ?? "no word in 15 s"}`, seconds: Infinity, megabytes: Infinity };
  return JSON.parse(stdout.trim()) as Result;
}
