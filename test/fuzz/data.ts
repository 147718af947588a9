import type { Random } from "../support/random";

const TEXTS = ["", "Hi", "hello world", "  padded \n", "a\r\nb\tc", "你好", "😀 emoji 👍🏽", "İßǅ", "1", "<think>\nhm\n</think>\n\nanswer", "{\"a\": 1}", "it's \"quoted\"", "x\u0000y", "\ud800", "a b  c", "-7", "1.50", "é\u0301", "<b>&</b>", "None", "tool_calls", "\u001cq\u0085"];
const NUMBERS = ["0", "1", "-1", "3", "1.0", "2.5", "-0.0", "1e-07", "1e22", "12345678901234567890", "0.1", "100000", "1E5", "3.0e0"];
const ROLES = ["user", "assistant", "system", "tool", "developer"];

/** Data for a template as JSON text: conversations, and the variables that the grammar names. */
export class DataGenerator {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  json(): string {
    const members = [
      `"messages":${this.#list(() => this.#message(), 1 + this.#random.int(4))}`,
      `"s":${this.#text()}`,
      `"n":${this.#random.pick(["3", "0", "-7", "12"])}`,
      `"f":${this.#random.pick(["2.0", "0.5", "1e-07", "-3.25"])}`,
      `"big":12345678901234567890`,
      `"d":${this.#object(2)}`,
      `"lst":${this.#list(() => this.#value(1), this.#random.int(5))}`,
      `"nul":null`,
      `"yes":true`,
      `"bos_token":"<s>"`,
      `"eos_token":"</s>"`,
    ];
    if (this.#random.int(2) === 0) members.push(`"add_generation_prompt":${this.#random.pick(["true", "false"])}`);
    if (this.#random.int(2) === 0) members.push(`"tools":${this.#random.pick(["null", "[]", this.#list(() => this.#tool(), 2)])}`);
    if (this.#random.int(3) === 0) members.push(`"x":${this.#value(2)}`);
    if (this.#random.int(4) === 0) members.push(`"documents":[{"title":"T","text":${this.#text()}}]`);
    return `{${members.join(",")}}`;
  }

  #message(): string {
    const role = this.#random.pick(ROLES);
    const content = this.#random.int(6) === 0 ? this.#random.pick(["null", `[{"type":"text","text":${this.#text()}},{"type":"image"}]`, this.#value(1)]) : this.#text();
    const more = this.#random.int(6) === 0 ? `,${this.#random.pick([`"reasoning_content":${this.#text()}`, `"tool_calls":[{"id":"abc123def","type":"function","function":{"name":"f","arguments":${this.#random.pick([this.#object(1), '"{\\"a\\": 1}"'])}}}]`, `"name":${this.#text()}`])}` : "";
    return `{"role":"${role}","content":${content}${more}}`;
  }

  #tool(): string {
    return `{"type":"function","function":{"name":"get","description":${this.#text()},"parameters":{"type":"object","properties":{"city":{"type":"string","minimum":${this.#number()}}},"required":["city"]}}}`;
  }

  #value(depth: number): string {
    const r = this.#random;
    switch (r.int(depth > 0 ? 7 : 5)) {
      case 0: return r.pick(["null", "true", "false"]);
      case 1: return this.#number();
      case 5: return this.#list(() => this.#value(depth - 1), r.int(4));
      case 6: return this.#object(depth - 1);
      default: return this.#text();
    }
  }

  #object(depth: number): string {
    const keys = ["a", "b", "role", "items", "1", "x y", "é", "content", "keys"].filter(() => this.#random.int(3) === 0);
    return `{${keys.map((key) => `${JSON.stringify(key)}:${this.#value(depth)}`).join(",")}}`;
  }

  #list(make: () => string, length: number): string {
    return `[${Array.from({ length }, make).join(",")}]`;
  }

  #text(): string {
    return JSON.stringify(this.#random.pick(TEXTS));
  }

  #number(): string {
    return this.#random.pick(NUMBERS);
  }
}
