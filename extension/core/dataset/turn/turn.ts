import type { Role, TextPiece, Turn } from "../conversation";

/** The one empty list, so that turns without media or calls cost no list each. */
export const NOTHING: readonly never[] = [];

/** A turn whose role the format implies: its content is the text at `pointer`, or the pieces given. */
export function impliedTurn(role: Role, pointer: string, content: readonly TextPiece[]): Turn {
  return {
    pointer,
    role,
    rawRole: null,
    rolePointer: null,
    contentPointer: pointer,
    content,
    media: NOTHING,
    toolCalls: NOTHING,
    reasoning: NOTHING,
    name: undefined,
    trained: undefined,
  };
}

/** Stands where a turn should be and none can be read. It has no role, and no place for one. */
export function unreadableTurn(pointer: string): Turn {
  return { ...impliedTurn("user", pointer, NOTHING), role: undefined };
}

/** Whether the turn only stands for a value that could not be read. */
export function isUnreadable(turn: Turn): boolean {
  return turn.role === undefined && turn.rolePointer === null;
}

/** The text of a turn's content in one piece. */
export function turnText(turn: Turn): string {
  const first = turn.content[0];
  if (first === undefined) return "";
  return turn.content.length === 1 ? first.text : turn.content.map((piece) => piece.text).join("");
}
