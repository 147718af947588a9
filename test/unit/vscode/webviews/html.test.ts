import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { pageHtml } from "../../../../extension/vscode/webviews/html";

const parts = {
  title: "Prompt",
  language: "en",
  script: "https://file.test/prompt.js",
  styles: ["https://file.test/prompt.css"],
  source: "'self' https://*.test",
  nonce: "bm9uY2U",
  translations: {},
};

describe("a webview's page", () => {
  it("may load its own script and styles, and nothing else", () => {
    const [, policy = ""] = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(pageHtml(parts)) ?? [];
    assert.deepEqual(policy.split("; "), [
      "default-src 'none'",
      "script-src 'nonce-bm9uY2U'",
      "style-src 'self' https://*.test",
      "font-src 'self' https://*.test",
      "img-src data:",
      "base-uri 'none'",
      "form-action 'none'",
    ]);
    assert.doesNotMatch(pageHtml(parts), /unsafe/);
  });

  it("takes no text for markup", () => {
    const html = pageHtml({ ...parts, title: "</title><script>alert(1)</script>", translations: { '"><b>': "<img>" } });
    assert.doesNotMatch(html, /<script>|<b>|<img>/);
    assert.equal(html.match(/<script /g)?.length, 1);
  });
});
