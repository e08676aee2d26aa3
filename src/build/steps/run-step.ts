import { runContainerStep } from "./container-step.ts";
import { runPackStep } from "./pack-step.ts";
import { nameOf } from "./plan.ts";
import type { StepEnd, StepsBuild } from "./steps-build.ts";
import type { Span, StepRequest, StepResult, StepsFailure } from "./steps.ts";
import type { Stop } from "./stop-build.ts";

/** What is known of a step so far. */
export interface StepRecord extends Omit<StepResult, "output"> {
  readonly output?: Uint8Array;
  /** Set when the step's failure is the build's. */
  readonly failure?: StepsFailure;
  readonly pushTime?: Span;
}

/**
 * Runs one step and keeps its record; resolves with whether the build goes on. Rejects when the machine failed.
 * Google: the lines around a step's own are only there in a build of several steps.
 */
export async function runStep(
  build: StepsBuild,
  records: StepRecord[],
  index: number,
  { signal, stop }: { readonly signal: AbortSignal; readonly stop: Stop },
): Promise<boolean> {
  const { request, deps } = build;
  const step = request.steps[index]!;
  const isOneOfMany = request.steps.length > 1;
  const startMs = deps.clock.nowMs();
  const record = (result: Partial<StepRecord>): void => {
    records[index] = { ...records[index]!, time: { startMs, endMs: deps.clock.nowMs() }, ...result };
  };
  if (isOneOfMany) request.log.line(`Starting Step ${nameOf(index, step.id)}`);
  try {
    const isLast = records.every(({ status }, other) => other === index || status === "SUCCESS");
    const end = await (step.pack ? runPackStep(build, index, isLast, signal) : runContainerStep(build, index, signal));
    const failure = failureOf(step, index, end);
    const { reason: _reason, detail: _detail, failureType: _failureType, ...result } = end;
    record({ ...result, ...(failure && { failure }) });
    if (isOneOfMany) request.log.line(`Finished Step ${nameOf(index, step.id)}`);
    return failure === undefined;
  } catch (error) {
    if (!signal.aborted) {
      record({ status: "INTERNAL_ERROR" });
      throw error;
    }
    // Stopped with its build, by another step's failure, the time or the disk.
    record({ status: stop.status ?? "CANCELLED" });
    return false;
  }
}

/** Google: cloudbuild.proto, BuildStep.allow_exit_codes takes precedence over allow_failure. */
function failureOf(step: StepRequest, index: number, end: StepEnd): StepsFailure | undefined {
  if (end.status === "SUCCESS") return undefined;
  const hasCodes = step.allowExitCodes.length > 0;
  const isAllowed = hasCodes ? step.allowExitCodes.includes(end.exitCode) && end.exitCode !== 0 : step.allowFailure;
  if (isAllowed) return undefined;
  const message = `build step ${index} "${step.name}" failed: ${end.reason ?? "unknown"}`;
  const detail = end.detail ?? `Build step failure: ${message}`;
  return { type: end.failureType ?? "USER_BUILD_STEP", message, detail };
}
