import { stripVTControlCharacters } from "node:util";
import type { BuildFailure } from "./build.ts";
import type { BuilderOutput } from "./lifecycle/exchange.ts";
import type { LifecycleExit } from "./run-lifecycle.ts";

/** How much of the log an error message repeats when the failing buildpack left no message of its own. */
const MAX_TAIL_LINES = 20;

/** Turns the end of a lifecycle that failed into the user's failure. `tail` holds the last lines of the log. */
export function buildFailure(
  exit: LifecycleExit,
  error: BuilderOutput["error"],
  tail: readonly string[],
  timeoutSeconds: number,
): Omit<BuildFailure, "phases"> {
  if (exit.timedOut) {
    return { status: "TIMEOUT", failureType: "USER_BUILD_STEP", detail: `build timed out after ${timeoutSeconds}s` };
  }
  const detail = error ? withErrorId(error.errorMessage, error.errorId) : describe(exit, tail);
  return { status: "FAILURE", failureType: "USER_BUILD_STEP", detail };
}

/** The lines that end the log of a failed build. Google: pack's and Cloud Build's words. */
export function failureLines(exit: LifecycleExit, timeoutSeconds: number): string[] {
  if (exit.timedOut) return [`ERROR: context deadline exceeded: build timed out after ${timeoutSeconds}s`];
  return [`ERROR: failed to build: executing lifecycle: ${ending(exit)}`];
}

function describe(exit: LifecycleExit, tail: readonly string[]): string {
  // Many buildpacks write in colour, whether or not a terminal reads it.
  const lines = tail.slice(-MAX_TAIL_LINES).map((line) => stripVTControlCharacters(line));
  const reason = tail.findLast((line) => line.startsWith("ERROR: "));
  if (reason && !exit.outOfMemory) return lines.join("\n");
  return [...lines, `failed to build: ${ending(exit)}`].join("\n");
}

function ending({ exitCode, signal, outOfMemory }: LifecycleExit): string {
  if (outOfMemory) return "the build exceeded the memory of its machine type";
  return exitCode === null ? `ended by signal ${signal}` : `failed with status code: ${exitCode}`;
}

function withErrorId(message: string, id: string): string {
  return `(error ID: ${id}):\n${message}`;
}
