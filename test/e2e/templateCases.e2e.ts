import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import { temporaryFolder } from "../support/cleanup";
import { until } from "../support/wait";
import { Workbench } from "../support/workbench";

const TEMPLATE = "{%- for message in messages %}\n{%- if message.role == 'tool' %}{{ raise_exception('No tools here') }}{% endif %}\n[{{ message.role }}] {{ message.content }}\n{%- endfor %}\n";
const hi = [{ role: "user", content: "Hi" }];
const CASES = [
  { name: "greeting", messages: hi, expected: "[user] Hi" },
  { name: "another prompt", messages: hi, expected: "[user] Ho" },
  { name: "not said yet", messages: hi },
  { name: "refused", messages: [{ role: "tool", content: "" }], expected: "" },
  { name: "refused as it should be", messages: [{ role: "tool", content: "" }], error: "No tools" },
];

void test("the cases of a template in the Testing view", async (t) => {
  const folder = path.join(temporaryFolder("e2e"), "templates");
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, "bikes.jinja"), TEMPLATE);
  const file = path.join(folder, "bikes.chat.json");
  writeFileSync(file, `${JSON.stringify(CASES, undefined, 2)}\n`);
  writeFileSync(path.join(folder, "tokenizer_config.json"), JSON.stringify({ bos_token: "<s>", chat_template: "{{ bos_token }}{{ messages | length }}" }));
  const workbench = await Workbench.open({ folder });
  t.after(() => workbench.close());
  const { page } = workbench;
  const rows = page.locator(".test-explorer .monaco-list-row");
  const states = (): Promise<string[]> => rows.evaluateAll((all) => all.map((row) => (row.getAttribute("aria-label") ?? "")));
  const stateOf = (name: string, wanted: RegExp): Promise<unknown> => until(`${name} to be ${wanted.source}`, states, (all) => all.some((label) => label.startsWith(name) && wanted.test(label)), 60_000);
  const expand = async (name: string, wanted: string): Promise<void> => {
    await rows.filter({ hasText: name }).click();
    // A key that comes before the file was read opens nothing.
    await until(`the cases of ${name}`, async () => (await page.keyboard.press("ArrowRight"), await states()), (all) => all.some((label) => label.startsWith(wanted)));
  };

  await t.test("are listed, and pass or fail", async () => {
    await page.locator(".activitybar a[aria-label^=Testing]").click();
    await expand("bikes.chat.json", "greeting");
    await workbench.runCommand("Test: Run All Tests");
    await stateOf("greeting", /Passed/);
    await stateOf("another prompt", /Failed/);
    await stateOf("not said yet", /Failed/);
    await stateOf("refused", /Failed/);
    await stateOf("refused as it should be", /Passed/);
    for (const theme of ["dark", "light"] as const) {
      if (theme === "light") await workbench.setTheme(theme);
      await workbench.openFile("bikes.chat.json");
      await page.locator(".xterm").first().waitFor();
      await workbench.picture("cases", theme);
    }
  });

  await t.test("take the prompt that is accepted, and undo takes it back", async () => {
    await rows.filter({ hasText: "another prompt" }).click({ button: "right" });
    await page.getByRole("menuitem", { name: "Accept the Prompt" }).click();
    await stateOf("another prompt", /Passed/);
    await workbench.openFile("bikes.chat.json");
    await workbench.runCommand("File: Save");
    const accepted = `${JSON.stringify(CASES, undefined, 2)}\n`.replace("[user] Ho", "[user] Hi");
    await until("the file with the prompt", () => Promise.resolve(readFileSync(file, "utf8")), (text) => text === accepted);
    await workbench.runCommand("Undo");
    await until("the old prompt", () => page.locator(".editor-instance .view-lines").first().innerText(), (text) => text.includes("[user]\u00a0Ho") || text.includes("[user] Ho"));
  });

  await t.test("appear as their files do, take the template that is named or lies beside, and say what is wrong", async () => {
    const named = { name: "named", messages: hi, template: "bikes.jinja", expected: "[user] Hi" };
    writeFileSync(path.join(folder, "more.chat.json"), JSON.stringify([{ name: "from the configuration", messages: hi, expected: "<s>1" }, named, { ...named, name: "nowhere", template: "cars.jinja" }, { nmae: "typo" }]));
    await expand("more.chat.json", "nowhere");
    await workbench.runCommand("Test: Run All Tests");
    await stateOf("from the configuration", /Passed/);
    await stateOf("named", /Passed/);
    await stateOf("nowhere", /Errored/);
    await page.locator(".test-explorer", { hasText: 'A case has no "nmae"' }).waitFor();
  });
});
