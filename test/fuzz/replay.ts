import { readFileSync, readdirSync } from "node:fs";
import { parseChatTemplate } from "../../extension/core/template/environment";
import { ExactJson } from "../support/jinja/case";
for (const file of readdirSync("out/fuzz").sort()) {
  const r = JSON.parse(readFileSync(`out/fuzz/${file}`, "utf8"));
  let out: unknown;
  try {
    const t = parseChatTemplate(r.source, { name: "f", now: Date.parse("2024-01-02T03:04:05"), trimBlocks: r.options.trim_blocks, lstripBlocks: r.options.lstrip_blocks, keepTrailingNewline: r.options.keep_trailing_newline });
    const p = t.renderPlain(new ExactJson(JSON.stringify(r.data)).variables(""));
    out = { text: p.text, generation: p.generation };
  } catch (e) { const x = e as { type: string; message: string }; out = { error: x.type, message: x.message }; }
  const same = JSON.stringify((out as any).text ?? [(out as any).error, (out as any).message]) === JSON.stringify(r.reference.text ?? [r.reference.error, r.reference.message]);
  console.log(same ? "same " : "DIFF ", file, same ? "" : JSON.stringify({ source: r.source, out, ref: r.reference }));
}
