import * as assert from "node:assert/strict";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import { temporaryFolder } from "../support/cleanup";
import { root } from "../support/paths";
import { type Theme, Workbench } from "../support/workbench";

const assets = path.join(root, "extension", "assets");

void test("a chat template with faults in a real workbench", async (t) => {
  const folder = path.join(temporaryFolder("e2e"), "sample-workspace");
  cpSync(path.join(assets, "sample-workspace"), folder, { recursive: true });
  const workbench = await Workbench.open({ folder, settings: { "editor.hover.delay": 100 } });
  t.after(() => workbench.close());
  await workbench.openFile("chat_template.jinja");

  await t.test("underlines the filter that there is not", async () => {
    await workbench.squiggles("error");
    const problems = await workbench.problems((all) => all.some(({ code }) => code === "template/unknown-filter"));
    const problem = problems.find(({ code }) => code === "template/unknown-filter");
    assert.match(problem?.message ?? "", /^No filter named 'trimm'\. Did you mean 'trim'\?/);
    const source = readFileSync(path.join(folder, "chat_template.jinja"), "utf8").split("\n");
    assert.equal(source[(problem?.line ?? 0) - 1]?.slice((problem?.column ?? 0) - 1).startsWith("trimm"), true);
    await workbench.page.keyboard.press("Control+Shift+M");
  });

  await t.test("finds, once that is mended, that the end of the turn is not trained", async () => {
    const file = path.join(folder, "chat_template.jinja");
    writeFileSync(file, readFileSync(file, "utf8").replace("trimm", "trim"));
    await workbench.problems((all) => all.some(({ code }) => code === "template/end-of-turn-mask") && !all.some(({ code }) => code === "template/unknown-filter"));
    await workbench.page.keyboard.press("Control+Shift+M");
  });

  for (const theme of ["light", "dark"] satisfies Theme[]) {
    await t.test(`shows values and the rendered prompt in a hover, in the ${theme} theme`, async () => {
      await workbench.setTheme(theme);
      const text = await workbench.hover("role");
      assert.match(text, /Who speaks/);
      assert.match(text, /'user'/);
      assert.match(text, /<\|im_start\|>user/);
      await workbench.picture("template", theme);
      await workbench.page.mouse.move(5, 5);
      await workbench.page.keyboard.press("Escape");
    });
  }
});
