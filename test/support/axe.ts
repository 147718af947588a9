import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import * as path from "node:path";
import type { AxeResults, RunOptions } from "axe-core";
import type { FrameLocator, Page } from "playwright-core";
import { root } from "./paths";

const require = createRequire(path.join(root, "package.json"));
const axeSource = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

/** Rules about whole sites: a webview is a part of the workbench, which has the landmarks and headings around it. */
const options: RunOptions = { rules: { "landmark-one-main": { enabled: false }, region: { enabled: false }, "page-has-heading-one": { enabled: false } } };

/** What axe-core has against a webview's document, a line a rule and place: empty where it is accessible. */
export async function accessibilityViolations(frame: FrameLocator | Page): Promise<readonly string[]> {
  // The browser's own debugger runs it, which the page's content security policy does not hold up.
  const body = frame.locator("body");
  await body.evaluate((_, source) => {
    // The page's policy forbids eval in the page, not in what the debugger runs.
    (0, eval)(source);
  }, axeSource);
  const results = await body.evaluate(async (_, run) => {
    const { axe } = window as unknown as { axe: { run(context: Document, options: unknown): Promise<AxeResults> } };
    return await axe.run(document, run);
  }, options);
  return results.violations.flatMap(({ id, help, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${help}: ${html} (${failureSummary ?? ""})`));
}
