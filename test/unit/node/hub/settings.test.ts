import assert from "node:assert/strict";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { describe, it } from "node:test";
import { TunesmithError } from "../../../../extension/base/errors";
import { hubSettings, type HubOptions, type HubSettings } from "../../../../extension/node/hub/settings";
import { temporaryFolder } from "../../../support/cleanup";

const home = temporaryFolder("home");
const settings = (environment: Record<string, string>, options: HubOptions = {}): Promise<HubSettings> => hubSettings({ ...options, environment }, home);

describe("the environment of the hub, as huggingface_hub reads it", () => {
  const cases: readonly (readonly [string, Record<string, string>, Partial<HubSettings>])[] = [
    ["nothing set", {}, { cacheDir: `${home}/.cache/huggingface/hub`, assetsDir: `${home}/.cache/huggingface/assets`, endpoint: "https://huggingface.co", offline: false, symlinks: true }],
    ["XDG_CACHE_HOME", { XDG_CACHE_HOME: "/x" }, { cacheDir: "/x/huggingface/hub", assetsDir: "/x/huggingface/assets" }],
    ["HF_HOME before XDG_CACHE_HOME", { XDG_CACHE_HOME: "/x", HF_HOME: "/h" }, { cacheDir: "/h/hub", assetsDir: "/h/assets" }],
    ["HUGGINGFACE_HUB_CACHE before HF_HOME", { HF_HOME: "/h", HUGGINGFACE_HUB_CACHE: "/old" }, { cacheDir: "/old", assetsDir: "/h/assets" }],
    ["HF_HUB_CACHE before all", { HF_HOME: "/h", HUGGINGFACE_HUB_CACHE: "/old", HF_HUB_CACHE: "/new" }, { cacheDir: "/new" }],
    ["HF_ASSETS_CACHE", { HF_ASSETS_CACHE: "/assets" }, { assetsDir: "/assets" }],
    ["empty variables", { HF_HOME: "", HF_HUB_CACHE: "", HF_ENDPOINT: "", HF_TOKEN: "" }, { cacheDir: `${home}/.cache/huggingface/hub`, endpoint: "https://huggingface.co", token: undefined }],
    ["the home folder and variables in paths", { HF_HOME: "~/hf", HF_HUB_CACHE: "$BASE/${PART}/$MISSING", BASE: "/b", PART: "p" }, { cacheDir: "/b/p/$MISSING", assetsDir: `${home}/hf/assets` }],
    ["HF_ENDPOINT with slashes", { HF_ENDPOINT: "https://mirror.example/hub//" }, { endpoint: "https://mirror.example/hub" }],
    ["HF_HUB_OFFLINE=1", { HF_HUB_OFFLINE: "1" }, { offline: true }],
    ["HF_HUB_OFFLINE=yes", { HF_HUB_OFFLINE: "yes" }, { offline: true }],
    ["HF_HUB_OFFLINE=0", { HF_HUB_OFFLINE: "0" }, { offline: false }],
    ["TRANSFORMERS_OFFLINE", { TRANSFORMERS_OFFLINE: "true" }, { offline: true }],
    ["HF_HUB_DISABLE_SYMLINKS", { HF_HUB_DISABLE_SYMLINKS: "on" }, { symlinks: false }],
    ["HF_TOKEN", { HF_TOKEN: " hf_a\n" }, { token: "hf_a" }],
    ["HF_TOKEN before HUGGING_FACE_HUB_TOKEN", { HF_TOKEN: "hf_a", HUGGING_FACE_HUB_TOKEN: "hf_b" }, { token: "hf_a" }],
    ["HUGGING_FACE_HUB_TOKEN", { HUGGING_FACE_HUB_TOKEN: "hf_b" }, { token: "hf_b" }],
    ["a token that is not to be used by itself", { HF_TOKEN: "hf_a", HF_HUB_DISABLE_IMPLICIT_TOKEN: "1" }, { token: undefined }],
  ];
  for (const [name, environment, expected] of cases) {
    it(name, async () => {
      const found = await settings(environment);
      assert.deepEqual(Object.fromEntries(Object.keys(expected).map((key) => [key, found[key as keyof HubSettings]])), expected);
    });
  }

  it("options come before the environment", async () => {
    const found = await settings(
      { HF_TOKEN: "hf_a", HF_ENDPOINT: "https://e.example", HF_HUB_CACHE: "/c", HF_HUB_OFFLINE: "1", HF_HUB_DISABLE_IMPLICIT_TOKEN: "1" },
      { token: "hf_o", endpoint: "http://localhost:1", cacheDir: "/o", assetsDir: "/p", offline: false },
    );
    assert.deepEqual(found, { token: "hf_o", endpoint: "http://localhost:1", cacheDir: "/o", assetsDir: "/p", offline: false, symlinks: true, inEditor: false });
  });

  it("the token that 'hf auth login' stored", async () => {
    const folder = temporaryFolder("token");
    writeFileSync(path.join(folder, "token"), "hf_stored\n");
    assert.equal((await settings({ HF_HOME: folder })).token, "hf_stored");
    assert.equal((await settings({ HF_TOKEN_PATH: path.join(folder, "token") })).token, "hf_stored");
    assert.equal((await settings({ HF_HOME: folder, HF_TOKEN: "hf_env" })).token, "hf_env");
    mkdirSync(path.join(home, ".cache", "huggingface"), { recursive: true });
    writeFileSync(path.join(home, ".cache", "huggingface", "token"), "hf_home");
    assert.equal((await settings({})).token, "hf_home");
    chmodSync(path.join(home, ".cache", "huggingface", "token"), 0o600);
  });
});

describe("settings that cannot be used", () => {
  const cases: readonly (readonly [string, Record<string, string>])[] = [
    ["no address", { HF_ENDPOINT: "huggingface.co" }],
    ["another protocol", { HF_ENDPOINT: "file:///etc" }],
    ["a password in the address", { HF_ENDPOINT: "https://user:secret-word@hub.example" }],
    ["a token with a line break inside", { HF_TOKEN: "hf_secret-word\u2028x" }],
    ["a token with a space inside", { HF_TOKEN: "hf_secret-word x" }],
  ];
  for (const [name, environment] of cases) {
    it(`${name}: the error says what to do and keeps the secret`, async () => {
      const error = await settings(environment).then(() => assert.fail("It was taken."), (thrown: unknown) => thrown);
      assert.ok(error instanceof TunesmithError);
      assert.equal(error.code, "hub-bad-settings");
      assert.doesNotMatch(`${error.message} ${String(error.cause)}`, /secret-word/);
    });
  }
});
