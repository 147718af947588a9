import { JinjaError } from "../errors";
import type { Runtime } from "../runtime/runtime";
import { truth } from "../value/protocol";
import { checkTextLength } from "../value/text";
import type { CallArguments, Value } from "../value/types";
import { Markup } from "../value/types";
import { bindArguments, signature } from "./arguments";
import { toCount } from "./common";

/** Jinja picks words at random; these come in order, so that a render can be repeated. */
const WORDS = "lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt ut labore et dolore magna aliqua".split(" ");
const SENTENCE = 12;

const LIPSUM = signature("generate_lorem_ipsum", "n? html? min? max?");

/** `lipsum(n, html, min, max)`: n paragraphs of `min` words, in `<p>` unless `html` is false. */
export function lipsum(runtime: Runtime, args: CallArguments): Value {
  const [count = 5, html = true, least = 20, most = 100] = bindArguments(LIPSUM.name, LIPSUM.parameters, args);
  const paragraphs = Math.max(0, toCount(count));
  const [from, to] = [toCount(least), toCount(most)];
  if (paragraphs > 0 && from >= to) throw new JinjaError("ValueError", `empty range for randrange() (${from}, ${to}, ${to - from})`);
  const words = Math.max(0, from);
  runtime.charge(paragraphs * (words + 1));
  checkTextLength(paragraphs * (words * SENTENCE + 8));
  const text = paragraphOf(words);
  const all = new Array<string>(paragraphs).fill(truth(html) ? `<p>${text}</p>` : text);
  return truth(html) ? new Markup(all.join("\n")) : all.join("\n\n");
}

function paragraphOf(words: number): string {
  let text = "";
  for (let i = 0; i < words; i += 1) {
    const word = WORDS[i % WORDS.length] ?? "";
    const starts = i % SENTENCE === 0;
    if (i > 0) text += starts ? ". " : " ";
    text += starts ? word.charAt(0).toUpperCase() + word.slice(1) : word;
  }
  return `${text}.`;
}
