import type { SandboxSpec } from "../sandbox.ts";

/** Words of crun, runc and runsc for a program that cannot be run, which they name first, and Linux's word for it. */
const WORDINGS: readonly (readonly [RegExp, string])[] = [
  [/exec container process (?:\(.*\) )?`(.*)`: exec format error/i, "exec format error"],
  [/exec container process (?:\(.*\) )?`(.*)`: permission denied/i, "permission denied"],
  [/exec container process (?:\(.*\) )?`(.*)`: no such file/i, "no such file or directory"],
  [/executable file `(.*)` not found/, "no such file or directory"],
  [/cannot find `(.*)` in \$PATH/, "no such file or directory"],
  [/the path `(.*)` exists but it is not executable/, "permission denied"],
  [/the path `(.*)` is not a regular file/, "permission denied"],
  [/exec:? "?([^" ]*)"?: exec format error/, "exec format error"],
  [/exec:? "?([^" ]*)"?: (?:permission denied|is a directory)/, "permission denied"],
  [/exec:? "?([^" ]*)"?: (?:stat .*: )?no such file or directory/, "no such file or directory"],
  [/exec: "(.*)": executable file not found/, "no such file or directory"],
  [/failed to load (.*): exec format error/, "exec format error"],
  [/failed to load (.*): permission denied/, "permission denied"],
  [/failed to load (.*): no such file or directory/, "no such file or directory"],
  [/error finding executable "(.*)" in PATH/, "no such file or directory"],
];

/** What crun, which has given away its own log by then, writes in the container's name when the last step fails. */
const IN_CONTAINERS_NAME = /^(?:\{"msg":")?exec container process /;

/** What an OCI runtime's words say of the container's program, as "failed to load PATH: REASON"; undefined for others. */
export function execFailure(words: string): string | undefined {
  for (const [wording, reason] of WORDINGS) {
    const program = wording.exec(words)?.[1];
    if (program !== undefined) return `failed to load ${program}: ${reason}`;
  }
  return undefined;
}

/** The output of a container without what the runtime writes into it when the program cannot be run. */
export interface ContainersOwn {
  readonly onOutput: SandboxSpec["onOutput"];
  /** What the runtime has written, as execFailure tells it. */
  readonly notLoaded: () => string | undefined;
}

/** Passes on what a container writes, unless the first of it comes from the runtime. */
export function containersOwn(onOutput: SandboxSpec["onOutput"]): ContainersOwn {
  let isFirst = true;
  let notLoaded: string | undefined;
  return {
    onOutput(stream, chunk) {
      const words = isFirst && stream === "stderr" ? chunk.toString() : "";
      isFirst = false;
      notLoaded ??= IN_CONTAINERS_NAME.test(words) ? execFailure(words) : undefined;
      return notLoaded === undefined ? onOutput(stream, chunk) : undefined;
    },
    notLoaded: () => notLoaded,
  };
}
