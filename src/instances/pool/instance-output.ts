import type { Clock } from "../../platform/clock.ts";
import type { InstanceLogEntry } from "../serving.ts";
import type { WorkloadSpec } from "../workload.ts";
import { lineSplitter } from "./line-splitter.ts";
import { parseLogLine } from "./log-line.ts";

const TAIL_LINES = 50;
const TAIL_LINE_CHARACTERS = 2_000;

export interface InstanceOutputDeps {
  readonly clock: Clock;
  readonly writeLog: (entry: InstanceLogEntry) => void;
}

/** What an instance writes, as log entries; keeps the last lines for the message of a failed start. */
export interface InstanceOutput {
  push(stream: "stdout" | "stderr", chunk: Buffer): void;
  /** Writes what came without a newline; called when the instance has ended. */
  flush(): void;
  /** The last lines, oldest first. */
  tail(): readonly string[];
  /** Writes a message of the platform about the instance (varlog/system). */
  system(severity: string, textPayload: string): void;
}

export function instanceOutput(deps: InstanceOutputDeps, workload: WorkloadSpec, instanceId: string): InstanceOutput {
  const tail: string[] = [];
  const write = (log: "stdout" | "stderr") => (line: string) => {
    tail.push(line.slice(0, TAIL_LINE_CHARACTERS));
    if (tail.length > TAIL_LINES) tail.shift();
    if (line !== "") deps.writeLog({ workload, instanceId, log, ...parseLogLine(line, deps.clock.nowMs()) });
  };
  const splitters = { stdout: lineSplitter(write("stdout")), stderr: lineSplitter(write("stderr")) };
  return {
    push: (stream, chunk) => splitters[stream].push(chunk),
    flush() {
      splitters.stdout.flush();
      splitters.stderr.flush();
    },
    tail: () => [...tail],
    system: (severity, textPayload) =>
      deps.writeLog({ workload, instanceId, log: "system", timestampMs: deps.clock.nowMs(), severity, textPayload }),
  };
}
