// A process of its own for one hostile template, so that its memory and time are only its own:
//   hostileProcess.mjs TABLE NAME provenance|plain
// It prints one line of JSON.

import { JinjaLimitError } from "../../../extension/core/jinja/errors";
import { parseChatTemplate } from "../../../extension/core/template/environment";
import { TemplateRefusal } from "../../../extension/core/template/renderer";
import * as tables from "../../support/jinja/hostile";

const [table = "", name = "", mode] = process.argv.slice(2);
const source = (tables as unknown as Readonly<Record<string, Readonly<Record<string, string>>>>)[table]?.[name] ?? "";
const input = { messages: [{ role: "user", content: "Hi" }], addGenerationPrompt: false, variables: tables.hostileVariables() };
const memory = process.memoryUsage().rss;
const before = process.cpuUsage();
let end = "rendered";
try {
  parseChatTemplate(source, { name: "hostile" }).renderInput(input, { provenance: mode === "provenance" });
} catch (error) {
  if (!(error instanceof TemplateRefusal)) throw error;
  end = error.cause instanceof JinjaLimitError ? `limit ${error.cause.limit}` : `${error.type}: ${error.message.slice(0, 60)}`;
}
const { user, system } = process.cpuUsage(before);
console.log(JSON.stringify({ end, seconds: (user + system) / 1e6, megabytes: (process.resourceUsage().maxRSS * 1024 - memory) / 2 ** 20 }));
