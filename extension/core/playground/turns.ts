import type { JsonObject } from "../dataset/conversation";

/** Roles that a turn of the playground can have. */
export const CHAT_ROLES = ["system", "user", "assistant", "tool"] as const;
export type ChatRole = (typeof CHAT_ROLES)[number];

/** One turn of the conversation that is tried. */
export interface ChatTurn {
  /** Unique within the conversation, and never used again. */
  readonly id: number;
  readonly role: ChatRole;
  readonly content: string;
  /** What a dataset has in the place of this answer; undefined where there is nothing to compare with. */
  readonly reference?: string;
}

/** What a turn is made of before it has a number. */
export type NewTurn = Omit<ChatTurn, "id">;

/** How many changes can be taken back. */
const MAX_UNDO = 100;

/**
 * The turns of a conversation, and how they were before each change. Turns are never changed in place, so that what was
 * handed out stays as it is.
 */
export class ChatTurns {
  #turns: readonly ChatTurn[] = [];
  #nextId = 1;
  readonly #before: (readonly ChatTurn[])[] = [];

  get all(): readonly ChatTurn[] {
    return this.#turns;
  }

  get canUndo(): boolean {
    return this.#before.length > 0;
  }

  find(id: number): ChatTurn | undefined {
    return this.#turns.find((turn) => turn.id === id);
  }

  /** Replaces everything. */
  replace(turns: readonly NewTurn[]): void {
    this.#change(turns.map((turn) => this.#numbered(turn)));
  }

  add(turn: NewTurn): ChatTurn {
    const added = this.#numbered(turn);
    this.#change([...this.#turns, added]);
    return added;
  }

  /** Changes a turn; one that is not there any more stays away. */
  edit(id: number, change: Partial<NewTurn>): void {
    const turn = this.find(id);
    if (turn === undefined || Object.entries(change).every(([key, value]) => turn[key as keyof NewTurn] === value)) return;
    this.#change(this.#turns.map((each) => (each === turn ? { ...each, ...change } : each)));
  }

  /** Text that arrives bit by bit is one change, made when its turn was added. */
  append(id: number, text: string): void {
    this.#turns = this.#turns.map((turn) => (turn.id === id ? { ...turn, content: turn.content + text } : turn));
  }

  remove(id: number): void {
    if (this.find(id) !== undefined) this.#change(this.#turns.filter((turn) => turn.id !== id));
  }

  /** Leaves the turns before `id`; what an assistant's turn said, or should have said, stays to compare the next answer with. */
  cutBefore(id: number): string | undefined {
    const at = this.#turns.findIndex((turn) => turn.id === id);
    if (at === -1) return undefined;
    this.#change(this.#turns.slice(0, at));
    return this.#before.at(-1)?.[at]?.reference;
  }

  /** Takes the last change back. */
  undo(): void {
    this.#turns = this.#before.pop() ?? this.#turns;
  }

  #numbered(turn: NewTurn): ChatTurn {
    return { ...turn, id: this.#nextId++ };
  }

  #change(turns: readonly ChatTurn[]): void {
    this.#before.push(this.#turns);
    if (this.#before.length > MAX_UNDO) this.#before.shift();
    this.#turns = turns;
  }
}

/** The turns as the `messages` of a dataset row, and as chat templates take them. */
export function messagesOf(turns: readonly NewTurn[]): readonly JsonObject[] {
  return turns.map(({ role, content }) => ({ role, content }));
}
