import { strictText } from "../../../base/text";
import { byteLevelBytes } from "../../tokenizer/decode/byteAlphabet";
import type { Vocabulary } from "./vocabulary";

/** Shows tokens to people: as the text that they stand for where that is one, in quotes where it would be misread. */
export class TokenDisplay {
  readonly #vocabulary: Vocabulary;
  /** Whether tokens are bytes in GPT-2's alphabet, in which a Russian word is no word. Undefined until somebody asks. */
  #byteLevel: boolean | undefined;

  constructor(vocabulary: Vocabulary) {
    this.#vocabulary = vocabulary;
  }

  /** `<|eot_id|>`, `" Привет"`, `bytes E2 82`; `no token` where none has the id. */
  of(id: number): string {
    const token = this.#vocabulary.token(id);
    if (token === undefined) return "no token";
    this.#byteLevel ??= hasToken(this.#vocabulary, "Ġ");
    const bytes = this.#byteLevel ? byteLevelBytes(token) : undefined;
    if (bytes === undefined) return quoted(token);
    const text = strictText(bytes);
    return text === undefined ? `bytes ${Array.from(bytes, (byte) => byte.toString(16).toUpperCase().padStart(2, "0")).join(" ")}` : quoted(text);
  }
}

function hasToken(vocabulary: Vocabulary, wanted: string): boolean {
  for (let id = 0; id < vocabulary.size; id++) if (vocabulary.token(id) === wanted) return true;
  return false;
}

/** With quotes where its ends could not be seen. */
function quoted(text: string): string {
  return text === "" || /^\s|\s$|[\u0000-\u001f\u007f]/.test(text) ? JSON.stringify(text) : text;
}
