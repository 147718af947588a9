// A process of its own, so that nothing is warm and its memory is only its own:
//   process.mjs load MODEL | load-rust MODEL | hostile MODEL
// It prints one line of JSON.

import { Tokenizer as Rust } from "tokenizers";
import { openModelTokenizer } from "../../../extension/node/loadModel";
import { readModel } from "../../../extension/node/readModel";
import { realTokenizerFile, realTokenizerFolder } from "../../support/tokenizer/byteLevel";
import { nineHostileTexts } from "./hostile";

const [mode = "", model = ""] = process.argv.slice(2);
const OPTIONS = { specialTokens: true };

function print(result: object): void {
  console.log(JSON.stringify(result));
}

if (mode === "load-rust") {
  const started = performance.now();
  await Rust.fromFile(realTokenizerFile(model)).encode("Hello");
  print({ seconds: (performance.now() - started) / 1000 });
} else {
  const started = performance.now();
  const { tokenizer } = await openModelTokenizer(await readModel(realTokenizerFolder(model)));
  tokenizer.encode("Hello", OPTIONS);
  const loaded = (performance.now() - started) / 1000;
  const seconds: Record<string, number> = {};
  if (mode === "hostile") {
    for (const [name, text] of Object.entries(nineHostileTexts(1_000_000))) {
      const before = performance.now();
      tokenizer.encode(text, OPTIONS);
      seconds[name] = (performance.now() - before) / 1000;
    }
  }
  print({ seconds: loaded, hostile: seconds, peakMegabytes: process.resourceUsage().maxRSS / 1024, engine: tokenizer.engine.kind });
}
