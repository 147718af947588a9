import { homedir } from "node:os";
import { join } from "node:path";

/**
 * The folder of what can be made again at any time: `TUNESMITH_CACHE`, or the place that the operating system has for it
 * (XDG Base Directory Specification; `~/Library/Caches`; `%LOCALAPPDATA%`).
 */
export function cacheFolder(env: Readonly<Record<string, string | undefined>> = process.env, platform: string = process.platform): string {
  const { TUNESMITH_CACHE: own, XDG_CACHE_HOME: xdg, LOCALAPPDATA: local } = env;
  if (own !== undefined && own !== "") return own;
  if (platform === "win32") return join(local ?? join(homedir(), "AppData", "Local"), "tunesmith", "Cache");
  if (platform === "darwin") return join(homedir(), "Library", "Caches", "tunesmith");
  return join(xdg !== undefined && xdg !== "" ? xdg : join(homedir(), ".cache"), "tunesmith");
}
