import * as vscode from "vscode";
import { COMMANDS, type CommandId } from "../../manifest/commands";
import type { Log } from "../log";

/** What each command does. Arguments come from menus, keybindings and other extensions, so nothing is known of them. */
export type CommandHandlers = Readonly<Record<CommandId, (...args: readonly unknown[]) => unknown>>;

/** Registers all commands. What a handler throws is shown to the user. */
export function registerCommands(handlers: CommandHandlers, log: Log): vscode.Disposable {
  const register = (id: CommandId): vscode.Disposable =>
    vscode.commands.registerCommand(id, async (...args: unknown[]) => {
      try {
        await handlers[id](...args);
      } catch (error) {
        log.failure(vscode.l10n.t("'{0}' did not work.", COMMANDS[id].title), error);
      }
    });
  return vscode.Disposable.from(...(Object.keys(COMMANDS) as CommandId[]).map(register));
}
