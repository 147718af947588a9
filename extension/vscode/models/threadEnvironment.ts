import { EDITOR_VARIABLE } from "../../node/hub/settings";

/** The hub's access token that VS Code keeps; undefined where it keeps none. */
let kept: string | undefined;

/** Has the threads that start from now on use this token. False where they would have used it anyway. */
export function setHubToken(token: string | undefined): boolean {
  const isOther = token !== kept;
  kept = token;
  return isOther;
}

/** The environment of a thread that may ask the hub: that of this process, with the token. No other process gets to see it. */
export function threadEnvironment(): NodeJS.ProcessEnv {
  const environment = { ...process.env, [EDITOR_VARIABLE]: "1" };
  return kept === undefined ? environment : { ...environment, HF_TOKEN: kept };
}
