import { randomIds } from "../../platform/ids.ts";
import type { BuildStepsOutcome, BuildStepsRequest, StepRequest } from "../steps/steps.ts";
import type { BuilderBench } from "./builder-bench.ts";

export interface StepsRun {
  readonly outcome: BuildStepsOutcome;
  readonly log: readonly string[];
  /** The workspace as the steps left it. */
  readonly workspace: string;
}

/** A step of the bench's own image that runs a script in sh, after all steps before it. */
export function shell(script: string, more: Partial<StepRequest> = {}): Partial<StepRequest> {
  return { name: "host", entrypoint: "sh", args: ["-ec", script], ...more };
}

/** Runs a build of steps on a bench; a step comes after all before it unless it says something else. */
export async function runSteps(
  bench: BuilderBench,
  steps: readonly Partial<StepRequest>[],
  changes: Partial<BuildStepsRequest> = {},
): Promise<StepsRun> {
  const log: string[] = [];
  const workspace = bench.source({ "source.txt": "the source" });
  const outcome = await bench.builder.runBuildSteps({
    id: randomIds.uuid(),
    workspace,
    steps: steps.map((step, index) => ({ ...defaultStep(index), ...step })),
    images: [],
    cacheKey: "project",
    machine: { cpus: 2, memoryBytes: 512 * 1024 ** 2 },
    diskBytes: 1024 ** 3,
    timeoutSeconds: 60,
    serviceAccountEmail: "build@project.iam.gserviceaccount.com",
    project: { id: "project", number: "123" },
    location: "us-central1",
    log: {
      line: (text, step) => void log.push(step === undefined ? text : `${step}: ${text}`),
      isFull: false,
      behind: undefined,
    },
    signal: new AbortController().signal,
    ...changes,
  });
  return { outcome, log, workspace };
}

function defaultStep(index: number): StepRequest {
  return {
    name: "host",
    id: "",
    after: Array.from({ length: index }, (_, before) => before),
    entrypoint: "",
    args: [],
    script: "",
    env: {},
    dir: "",
    volumes: [],
    timeoutSeconds: undefined,
    allowFailure: false,
    allowExitCodes: [],
  };
}
