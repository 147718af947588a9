import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { escapeMarkdown, inlineCode, textBlock } from "../../../extension/core/language/markdown";

const plain = (text: string): string => textBlock(text, []).replaceAll(/^<p>|<\/?code>|<\/p>$/g, "");

void describe("text in a hover", () => {
  void it("keeps the spaces that HTML would drop, and may break at others", () => {
    assert.equal(plain("a b"), "a b");
    assert.equal(plain("a   b"), "a&nbsp;&nbsp; b");
    assert.equal(plain(" a\n  b"), "&nbsp;a<br>&nbsp; b");
  });

  void it("is one line, which is never read as Markdown", () => {
    assert.equal(plain("# a\n\n- b\r\n\tc"), "# a<br><br>- b␍<br>&nbsp;&nbsp;&nbsp; c");
    assert.equal(plain("</code></p> &amp; *a* $(bug)"), "&lt;/code&gt;&lt;/p&gt; &amp;amp; *a* $(bug)");
  });

  void it("has its marks, beside each other and at the ends", () => {
    const texts = textBlock("ab<c", [{ start: 0, end: 1 }, { start: 1, end: 3 }]).replaceAll(/<\/?(?:p|code)>/g, "").replaceAll(/<strong><span[^>]*><span[^>]*>(.*?)<\/span><\/span><\/strong>/g, "[$1]");
    assert.equal(texts, "[a][b&lt;]c");
  });

  void it("has lines that are code of their own, also where a mark goes over their ends", () => {
    assert.match(textBlock("a\n\nb", []), /^<p><code>a<\/code><br><br><code>b<\/code><\/p>$/);
    const marked = textBlock("ab\ncd", [{ start: 1, end: 4 }]).replaceAll(/<strong><span[^>]*><span[^>]*>(.*?)<\/span><\/span><\/strong>/g, "[$1]");
    assert.equal(marked, "<p><code>a[b]</code><br><code>[c]d</code></p>");
  });

  void it("is code whatever it holds, on one line", () => {
    assert.deepEqual(["a", "`a", "a``b", " a", "", "a\r\nb"].map(inlineCode), ["`a`", "`` `a ``", "```a``b```", "`  a `", "`  `", "`a⏎b`"]);
  });

  void it("is escaped outside of code", () => {
    assert.equal(escapeMarkdown("*a* [b](c) <d> $(e)\nf"), "\\*a\\* \\[b\\]\\(c\\) \\<d\\> \\$\\(e\\) f");
  });
});
