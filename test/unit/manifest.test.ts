import * as assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { describe, it } from "node:test";
import { ALL_RULES } from "../../extension/core/rules/registry";
import { COMMANDS } from "../../extension/manifest/commands";
import { RULES_PAGE, generateManifest } from "../../extension/manifest/generate";
import { SETTINGS } from "../../extension/manifest/settings";
import { root } from "../support/paths";

const read = (file: string): string => readFileSync(path.join(root, file), "utf8");
const manifest = JSON.parse(read("package.json")) as Readonly<Record<string, unknown>>;
const texts = JSON.parse(read("package.nls.json")) as Readonly<Record<string, string>>;
const generated = generateManifest(ALL_RULES);
const advice = "run `npm run generate`";

describe("the manifest", () => {
  for (const [field, value] of Object.entries(generated.manifest)) {
    it(`has the ${field} that the tables say`, () => {
      assert.deepEqual(manifest[field], JSON.parse(JSON.stringify(value)), advice);
    });
  }

  it("has the texts that the tables say", () => {
    assert.deepEqual(texts, generated.texts, advice);
  });

  it("comes with the page of the rules", () => {
    assert.equal(read(RULES_PAGE), generated.rulesPage, advice);
  });

  it("refers to texts that exist, and to all of them", () => {
    const used = [...JSON.stringify(manifest).matchAll(/"%([^%"]+)%"/g)].map((match) => match[1]);
    assert.deepEqual([...new Set(used)].sort(), Object.keys(texts).sort());
  });

  it("does not activate the extension before there is something to do", () => {
    const events = manifest.activationEvents as readonly string[];
    assert.deepEqual(events.filter((event) => event === "*" || event === "onStartupFinished"), []);
  });

  it("names files that exist", () => {
    const languages = (manifest.contributes as { languages: { configuration: string }[] }).languages;
    for (const { configuration } of languages) assert.ok(existsSync(path.join(root, configuration)), configuration);
  });

  it("offers every command and every setting", () => {
    const { commands, configuration } = manifest.contributes as {
      commands: { command: string }[];
      configuration: { properties: object };
    };
    assert.deepEqual(commands.map(({ command }) => command), Object.keys(COMMANDS));
    assert.deepEqual(Object.keys(configuration.properties), Object.keys(SETTINGS).map((name) => `tunesmith.${name}`));
  });
});

describe("the lock file", () => {
  it("leaves llama.cpp's CUDA packages out of installations: 540 MB that nothing here is tested with, nor packed", () => {
    const { packages } = JSON.parse(read("package-lock.json")) as { readonly packages: Readonly<Record<string, { readonly os?: readonly string[] }>> };
    const cuda = Object.entries(packages).filter(([name]) => /@node-llama-cpp\/.*-cuda/.test(name));
    assert.ok(cuda.length > 0);
    // npm takes what the lock file says of a platform, and leaves optional packages of others out. `npm install` may write it anew.
    for (const [name, { os }] of cuda) assert.deepEqual(os, ["none"], name);
  });
});

describe("the server that conversations are sent to", () => {
  it("cannot be named by a workspace", () => {
    const { restrictedConfigurations } = (manifest.capabilities as { readonly untrustedWorkspaces: { readonly restrictedConfigurations: readonly string[] } }).untrustedWorkspaces;
    const { properties } = (manifest.contributes as { readonly configuration: { readonly properties: Readonly<Record<string, { readonly scope: string }>> } }).configuration;
    for (const name of ["server.url", "server.model", "server.prompts"]) {
      assert.ok(restrictedConfigurations.includes(`tunesmith.${name}`), name);
      assert.equal(properties[`tunesmith.${name}`]?.scope, "machine");
    }
  });
});

describe("a setting's value", () => {
  const cases: readonly [keyof typeof SETTINGS, unknown, unknown][] = [
    ["check.enabled", false, false],
    ["check.enabled", "no", true],
    ["maxLength", 4096, 4096],
    ["maxLength", 0, null],
    ["maxLength", "4096", null],
    ["models", { "**": "llama", "a": 1 }, { "**": "llama" }],
    ["models", null, {}],
    ["rules", { "json/syntax": "off", "role/unknown": "fatal" }, { "json/syntax": "off" }],
    ["server.url", " http://localhost:8000/v1 ", "http://localhost:8000/v1"],
    ["server.url", 8000, ""],
    ["fields", { messages: "dialogue", colour: "red", text: "" }, { messages: "dialogue" }],
  ];
  for (const [name, value, expected] of cases) {
    it(`tunesmith.${name}: of ${JSON.stringify(value)} takes ${JSON.stringify(expected)}`, () => {
      assert.deepEqual(SETTINGS[name].read(value), expected);
    });
  }
});
