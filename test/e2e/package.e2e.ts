import * as assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, statSync } from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import { temporaryFolder } from "../support/cleanup";
import { root } from "../support/paths";
import { until } from "../support/wait";
import { Workbench } from "../support/workbench";

const MB = 1e6;

/** What people download, and what each can do: only that of a platform holds the engines that run models. */
const packages = [
  { target: "universal", limit: 4 * MB, answers: false },
  { target: "linux-x64", limit: 60 * MB, answers: true },
] as const;

for (const { target, limit, answers } of packages) {
  void test(`the package for ${target}`, async (t) => {
    const output = execFileSync(process.execPath, ["test/package/pack.mjs", target], { cwd: root, encoding: "utf8" });
    const vsix = path.join(root, /^(\S+\.vsix)/m.exec(output)?.[1] ?? "");
    await t.test("is not larger than it may be", () => {
      const { size } = statSync(vsix);
      assert.ok(size < limit, `${size} bytes`);
    });

    const folder = path.join(temporaryFolder("e2e"), "sample-workspace");
    cpSync(path.join(root, "extension", "assets", "sample-workspace"), folder, { recursive: true });
    const workbench = await Workbench.open({ folder, vsix, settings: { "tunesmith.inference.device": "cpu" } });
    t.after(() => workbench.close());

    await t.test("checks datasets once it is installed", async () => {
      await workbench.openFile("chat.jsonl");
      assert.ok((await (await workbench.squiggles("error")).count()) > 0);
    });

    await t.test(answers ? "answers in the playground" : "says in the playground what is missing", async () => {
      await workbench.runCommand("Tunesmith: Open Playground");
      const page = workbench.webview();
      const box = page.getByRole("textbox", { name: "Next turn" });
      await box.fill("What is 3 + 4?");
      await box.press("Enter");
      const place = answers ? page.locator(".turn.role-assistant .text").first() : page.locator(".failure");
      const text = await until("an answer", () => place.innerText({ timeout: 1000 }).catch(() => ""), (said) => said.length > 3, 120_000);
      assert.match(text, answers ? /7|seven/i : /ONNX/);
    });
  });
}
