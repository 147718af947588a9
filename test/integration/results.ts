/** What the runner hands to the extension host, in an environment variable because VS Code gives a test module nothing else. */
export interface HostRun {
  /** The file that the results go to. */
  readonly results: string;
  /** The bundled test files. */
  readonly files: readonly string[];
  readonly grep?: string;
}

export const hostRunVariable = "TUNESMITH_HOST_RUN";

export interface TestResult {
  readonly title: string;
  readonly state: "passed" | "failed" | "skipped";
  readonly durationMs: number;
  readonly error?: string;
}
