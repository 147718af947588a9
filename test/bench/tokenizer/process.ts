// A process of its own, so that nothing is warm and its memory is only its own:
//   process.mjs load MODEL | load-rust MODEL | hostile MODEL
// It prints one line of JSON.

import { readFileSync } from "node:fs";
import { Tokenizer as Rust } from "tokenizers";
import type { Tokenizer } from "../../../extension/core/tokenizer/tokenizer";
import { openModelTokenizer } from "../../../extension/node/loadModel";
import { readModel } from "../../../extension/node/readModel";
import { realTokenizerFile, realTokenizerFolder } from "../../support/tokenizer/byteLevel";
import { nineHostileTexts } from "./hostile";

const [mode = "", model = ""] = process.argv.slice(2);
const OPTIONS = { specialTokens: true };

function print(result: object): void {
  console.log(JSON.stringify(result));
}

/** Seconds on the clock and of processor time that loading took. */
async function timed(load: () => Promise<unknown>): Promise<{ readonly seconds: number; readonly cpu: number }> {
  const [started, before] = [performance.now(), process.cpuUsage()];
  await load();
  const { user, system } = process.cpuUsage(before);
  return { seconds: (performance.now() - started) / 1000, cpu: (user + system) / 1e6 };
}

/** The most memory that this process had. Linux hands a parent's maximum down as a child's own; only what is under /proc begins anew. */
function peakMegabytes(): number {
  const kilobytes = process.platform === "linux" ? /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "latin1"))?.[1] : undefined;
  return Number(kilobytes ?? process.resourceUsage().maxRSS) / 1024;
}

if (mode === "load-rust") {
  print(await timed(() => Rust.fromFile(realTokenizerFile(model)).encode("Hello")));
} else {
  let tokenizer!: Tokenizer;
  const loaded = await timed(async () => {
    ({ tokenizer } = await openModelTokenizer(await readModel(realTokenizerFolder(model))));
    tokenizer.encode("Hello", OPTIONS);
  });
  const hostile: Record<string, number> = {};
  if (mode === "hostile") {
    for (const [name, text] of Object.entries(nineHostileTexts(1_000_000))) {
      const before = performance.now();
      tokenizer.encode(text, OPTIONS);
      hostile[name] = (performance.now() - before) / 1000;
    }
  }
  print({ ...loaded, hostile, peakMegabytes: peakMegabytes(), engine: tokenizer.engine.kind });
}
