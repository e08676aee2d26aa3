import type { Clock } from "../../platform/clock.ts";
import type { InstanceLogEntry } from "../serving.ts";
import type { ContainerSpec, WorkloadSpec } from "../workload.ts";
import { lineSplitter } from "./line-splitter.ts";
import { parseLogLine } from "./log-line.ts";

const TAIL_LINES = 50;
const TAIL_LINE_CHARACTERS = 2_000;

export interface InstanceOutputDeps {
  readonly clock: Clock;
  readonly writeLog: (entry: InstanceLogEntry) => void;
}

/** Log entries of an instance. */
export interface InstanceOutput {
  /** What one of the instance's containers writes. */
  of(container: ContainerSpec): ContainerOutput;
  /** Writes a message of the platform (varlog/system) about the instance or, if given, one of its containers. */
  system(severity: string, textPayload: string, container?: ContainerSpec): void;
}

/** What a container writes, as log entries; keeps the last lines for the message of a failed start. */
export interface ContainerOutput {
  push(stream: "stdout" | "stderr", chunk: Buffer): void;
  /** Writes what came without a newline; called when the container has ended. */
  flush(): void;
  /** The last lines, oldest first. */
  tail(): readonly string[];
}

export function instanceOutput(deps: InstanceOutputDeps, workload: WorkloadSpec, instanceId: string): InstanceOutput {
  const about = { workload, instanceId };
  return {
    of: (container) => containerOutput(deps, about, container),
    system(severity, textPayload, container) {
      const labels = labelsOf(workload, container);
      deps.writeLog({ ...about, log: "system", timestampMs: deps.clock.nowMs(), severity, textPayload, ...labels });
    },
  };
}

function containerOutput(
  deps: InstanceOutputDeps,
  about: Pick<InstanceLogEntry, "workload" | "instanceId">,
  container: ContainerSpec,
): ContainerOutput {
  const tail: string[] = [];
  const own = labelsOf(about.workload, container);
  const write = (log: "stdout" | "stderr") => (line: string) => {
    tail.push(line.slice(0, TAIL_LINE_CHARACTERS));
    if (tail.length > TAIL_LINES) tail.shift();
    if (line === "") return;
    const entry = parseLogLine(line, deps.clock.nowMs());
    const labels = own.labels && { labels: { ...entry.labels, ...own.labels } };
    deps.writeLog({ ...about, log, ...entry, ...labels });
  };
  const splitters = { stdout: lineSplitter(write("stdout")), stderr: lineSplitter(write("stderr")) };
  return {
    push: (stream, chunk) => splitters[stream].push(chunk),
    flush() {
      splitters.stdout.flush();
      splitters.stderr.flush();
    },
    tail: () => [...tail],
  };
}

/** Google: entries of instances with several containers say which one by the label container_name. */
function labelsOf({ containers }: WorkloadSpec, container: ContainerSpec | undefined) {
  if (container === undefined || containers.length === 1) return {};
  return { labels: { container_name: container.name } };
}
