import type { Turn } from "../../dataset/conversation";
import { isSystem } from "./turns";

/** How a turn breaks the order of a conversation. */
export type Disorder = "first" | "repeated" | "no tool result" | "no tool call";

export interface Misplaced {
  readonly index: number;
  readonly turn: Turn;
  /** The turn before, system turns left out. */
  readonly previous: Turn | undefined;
  readonly disorder: Disorder;
}

/**
 * The turns that do not fit behind the one before them. System turns are left out, wherever they stand, and a turn without
 * a known role fits everywhere: both have rules of their own, and one fault must not be reported twice.
 */
export function misplacedTurns(turns: readonly Turn[]): readonly Misplaced[] {
  let found: Misplaced[] | undefined;
  let previous: Turn | undefined;
  for (let index = 0; index < turns.length; index++) {
    const turn = turns[index];
    if (turn === undefined || isSystem(turn)) continue;
    const disorder = disorderOf(turn, previous);
    if (disorder !== undefined) (found ??= []).push({ index, turn, previous, disorder });
    previous = turn;
  }
  return found ?? NONE;
}

const NONE: readonly Misplaced[] = [];

function disorderOf(turn: Turn, previous: Turn | undefined): Disorder | undefined {
  if (turn.role === undefined) return undefined;
  // An answer whose prompt is not in the row: the format implies who speaks, so nobody misplaced it.
  if (previous === undefined) return turn.role === "user" || turn.rolePointer === null ? undefined : "first";
  if (previous.role === undefined) return undefined;
  switch (turn.role) {
    case "tool":
      return previous.role === "tool" || callsTools(previous) ? undefined : "no tool call";
    case "assistant":
    case "user":
      if (previous.role === "assistant" && previous.toolCalls.length > 0) return "no tool result";
      return previous.role === turn.role ? "repeated" : undefined;
    default:
      return undefined;
  }
}

/** How models write calls into their text where a dataset has no `tool_calls`. */
const CALL_MARKS = ["<tool_call", "[TOOL_CALLS]", "<|python_tag|>", "<function", "<|tool_call"] as const;

function callsTools(turn: Turn): boolean {
  if (turn.role !== "assistant") return false;
  if (turn.toolCalls.length > 0) return true;
  return turn.content.some((piece) => CALL_MARKS.some((mark) => piece.text.includes(mark)));
}
