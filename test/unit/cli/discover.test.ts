import assert from "node:assert/strict";
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test, type TestContext } from "node:test";
import { discoverFiles } from "../../../extension/cli/discover";
import { temporaryFolder } from "./fakes";

function folderWith(t: TestContext, ...files: readonly string[]): string {
  const root = temporaryFolder(t);
  for (const file of files) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), "{}\n");
  }
  return root;
}

const discover = (cwd: string, ...args: readonly string[]) => discoverFiles(args, { cwd, platform: "linux", output: undefined });

test("a folder: datasets in natural order, without what is none", async (t) => {
  const root = folderWith(
    t,
    ...["d/part-10.jsonl", "d/part-2.jsonl", "d/sub/a.NDJSON", "d/b.json", "d/c.txt", "d/notes.md", "d/x.csv"],
    ...["d/package.json", "d/tsconfig.base.json", "d/tokenizer.json", "d/tokenizer_config.json", "d/adapter_config.json", "d/README.txt"],
    ...["d/model.safetensors.index.json", "d/requirements-dev.txt", "d/LICENSE.txt", "d/node_modules/x.jsonl", "d/.git/x.jsonl", "d/.x.jsonl"],
  );
  const expected = ["d/b.json", "d/c.txt", "d/part-2.jsonl", "d/part-10.jsonl", "d/sub/a.NDJSON"];
  assert.deepEqual(await discover(root, "d"), expected);
  assert.deepEqual(await discover(root, "d/"), expected);
  assert.deepEqual(await discover(join(root, "d"), "."), ["b.json", "c.txt", "part-2.jsonl", "part-10.jsonl", "sub/a.NDJSON"]);
});

test("a file is taken whatever its name", async (t) => {
  const root = folderWith(t, "package.json", "data[1].csv");
  assert.deepEqual(await discover(root, "data[1].csv", "package.json"), ["data[1].csv", "package.json"]);
});

test("globs that the shell left", async (t) => {
  const root = folderWith(t, "d/a1.jsonl", "d/a2.jsonl", "d/b.csv", "d/e/a3.jsonl", "node_modules/a.jsonl");
  assert.deepEqual(await discover(root, "d/*.jsonl"), ["d/a1.jsonl", "d/a2.jsonl"]);
  assert.deepEqual(await discover(root, "**/*.{jsonl,csv}"), ["d/a1.jsonl", "d/a2.jsonl", "d/b.csv", "d/e/a3.jsonl"]);
  assert.deepEqual(await discover(root, join(root, "d/*.csv")), [join(root, "d/b.csv")]);
  assert.deepEqual(await discover(root, "./d/**"), ["d/a1.jsonl", "d/a2.jsonl", "d/b.csv", "d/e/a3.jsonl"]);
  assert.deepEqual(await discover(root, "?/**/a[!12].jsonl", "d/{b,c}.*"), ["d/b.csv", "d/e/a3.jsonl"]);
  assert.deepEqual(await discover(root, "d/a[1-2].jsonl"), ["d/a1.jsonl", "d/a2.jsonl"]);
  await assert.rejects(discover(root, "d/[z-a].jsonl"), { code: "usage", message: /means nothing/ });
  await assert.rejects(discover(root, "**/.hidden*", "nowhere/*.jsonl"), { code: "usage", message: /No file matches/ });
  assert.deepEqual(await discoverFiles(["d\\*.CSV"], { cwd: root, platform: "win32", output: undefined }), ["d/b.csv"]);
});

test("each file once, by its real path", async (t) => {
  const root = folderWith(t, "d/a.jsonl");
  symlinkSync("a.jsonl", join(root, "d/z.jsonl"));
  assert.deepEqual(await discover(root, "d/a.jsonl", "./d/a.jsonl", "d", "d/*.jsonl", "d/z.jsonl"), ["d/a.jsonl"]);
});

test("links that form a loop or lead nowhere", async (t) => {
  const root = folderWith(t, "d/e/a.jsonl");
  symlinkSync("..", join(root, "d/e/up"));
  symlinkSync("nowhere.jsonl", join(root, "d/broken.jsonl"));
  symlinkSync("self.jsonl", join(root, "d/self.jsonl"));
  assert.deepEqual(await discover(root, "d"), ["d/e/a.jsonl"]);
  await assert.rejects(discover(root, "d/self.jsonl"), { code: "unreadable", message: /link that leads back to itself/ });
});

test("what is not there", async (t) => {
  const root = folderWith(t, "d/notes.md");
  await assert.rejects(discover(root, "no.jsonl"), { code: "usage", message: "There is no file or folder no.jsonl. Check the path." });
  await assert.rejects(discover(root, "d/*.jsonl"), { code: "usage", message: "No file matches d/*.jsonl. Check the pattern." });
  await assert.rejects(discover(root, "d"), { code: "usage", message: /^The folder d holds no dataset/ });
  await assert.rejects(discover(root, "/dev/null"), { code: "usage", message: /^\/dev\/null is no regular file/ });
});

test("what may not be read is said in words", { skip: process.getuid?.() === 0 && "root may read everything" }, async (t) => {
  const root = folderWith(t, "a.jsonl", "d/b.jsonl");
  chmodSync(join(root, "a.jsonl"), 0);
  chmodSync(join(root, "d"), 0);
  t.after(() => chmodSync(join(root, "d"), 0o700));
  await assert.rejects(discover(root, "a.jsonl"), { code: "unreadable", message: /^a\.jsonl may not be read: permission denied\./ });
  await assert.rejects(discover(root, "d"), { code: "unreadable", message: /^d may not be read: permission denied\./ });
});

test("the report is no dataset", async (t) => {
  const root = folderWith(t, "a.jsonl", "report.json");
  const options = { cwd: root, platform: "linux", output: "report.json" };
  assert.deepEqual(await discoverFiles(["."], options), ["a.jsonl"]);
  assert.deepEqual(await discoverFiles(["*.json*"], options), ["a.jsonl"]);
  await assert.rejects(discoverFiles(["a.jsonl", "report.json"], options), { code: "usage", message: /would overwrite report\.json/ });
});
