import type { Conversation, Sample, Turn } from "../../dataset/conversation";

/** Calls `visit` once for each turn of the sample, also where two conversations share their prompt. */
export function forEachTurn(sample: Sample, visit: (turn: Turn) => void): void {
  for (let i = 0; i < sample.conversations.length; i++) {
    const conversation = sample.conversations[i];
    if (conversation === undefined) continue;
    for (let t = sharedTurns(sample, i); t < conversation.turns.length; t++) {
      const turn = conversation.turns[t];
      if (turn !== undefined) visit(turn);
    }
  }
}

/** How many turns at the beginning of conversation `index` are those of the row's first conversation, and judged with that one. */
export function sharedTurns(sample: Sample, index: number): number {
  if (index === 0) return 0;
  const first = sample.conversations[0]?.turns ?? [];
  const turns = sample.conversations[index]?.turns ?? [];
  let shared = 0;
  while (shared < turns.length && turns[shared] === first[shared]) shared++;
  return shared;
}

/** Whether the turn instructs rather than speaks. Such turns stand outside the alternation of user and assistant. */
export function isSystem(turn: Turn): boolean {
  return turn.role === "system" || turn.role === "developer";
}

/**
 * Whether the conversation has turns, and certainly none that the assistant speaks. A turn without a known role may be the
 * assistant's: it has a finding of its own.
 */
export function lacksAssistant(conversation: Conversation): boolean {
  if (conversation.turns.length === 0 || conversation.promptOnly) return false;
  return conversation.turns.every((turn) => turn.role !== "assistant" && turn.role !== undefined);
}

/** Whether the text says nothing. */
export function isBlank(text: string): boolean {
  return text.trim() === "";
}

/** Where to point for a turn that stands in the wrong place: its role, or where the format implies that, the turn. */
export function rolePlace(turn: Turn): { readonly pointer: string } {
  return { pointer: turn.rolePointer ?? turn.pointer };
}
