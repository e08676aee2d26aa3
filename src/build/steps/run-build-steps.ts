import { createBuildSpace } from "./build-space.ts";
import { pushStepImages } from "./push-step-images.ts";
import { runGraph } from "./run-graph.ts";
import { runStep, type StepRecord } from "./run-step.ts";
import { createStepImages } from "./step-images.ts";
import { type StepsBuild, type StepsParts, StepsPushError } from "./steps-build.ts";
import type { BuildStepsOutcome, BuildStepsRequest, PushedStepImage, Span, StepsFailure } from "./steps.ts";
import { stopWhen, type Stop } from "./stop-build.ts";

/** Runs a build of steps; see Builder.runBuildSteps for what it promises. */
export async function runBuildSteps(parts: StepsParts, request: BuildStepsRequest): Promise<BuildStepsOutcome> {
  const { homeFiles } = await parts.deps.packages();
  await using space = await createBuildSpace(parts.workFolder(`${request.id}-steps`), homeFiles);
  await using images = createStepImages(parts.deps, request, space);
  await using stop = await stopWhen(parts.deps.clock, request, [space.path, request.workspace]);
  const build: StepsBuild = { ...parts, request, space, images };
  request.log.line("BUILD");
  const records: StepRecord[] = request.steps.map(() => ({ status: "QUEUED", exitCode: 0, imageDigest: "" }));
  const after = request.steps.map((step) => step.after);
  const failed = await runGraph(
    after,
    (index, signal) => runStep(build, records, index, { signal, stop }),
    stop.signal,
  );
  // A build that was cancelled, or whose process ends.
  request.signal.throwIfAborted();
  const failure = stop.failure ?? (failed === undefined ? undefined : records[failed]!.failure);
  if (failure) return outcome(records, { failure, status: stop.status ?? "FAILURE" });
  return await pushAndEnd(build, records, stop);
}

async function pushAndEnd(build: StepsBuild, records: readonly StepRecord[], stop: Stop): Promise<BuildStepsOutcome> {
  const { request, deps, images } = build;
  const pushedBySteps = records.flatMap(({ pushTime }) => pushTime ?? []);
  request.log.line("PUSH");
  if (request.images.length === 0)
    return outcome(records, { images: published(images.pushed, []), spans: pushedBySteps });
  const startMs = deps.clock.nowMs();
  try {
    const pushed = await pushStepImages(build, stop.signal);
    const spans = [...pushedBySteps, { startMs, endMs: deps.clock.nowMs() }];
    return outcome(records, { images: published(images.pushed, pushed), spans });
  } catch (error) {
    request.signal.throwIfAborted();
    const status = stop.status ?? "FAILURE";
    if (stop.failure) return outcome(records, { failure: stop.failure, status });
    if (!(error instanceof StepsPushError)) throw error;
    return outcome(records, { failure: { type: error.type, message: error.message, detail: error.message }, status });
  }
}

/** What steps pushed beside Build.images comes first. */
function published(bySteps: ReadonlyMap<string, string>, pushed: readonly PushedStepImage[]): PushedStepImage[] {
  const others = [...bySteps].filter(([name]) => !pushed.some((image) => image.name === name));
  return [...others.map(([name, digest]) => ({ name, digest })), ...pushed];
}

interface Ending {
  readonly failure?: StepsFailure;
  readonly status?: BuildStepsOutcome["status"];
  readonly images?: readonly PushedStepImage[];
  readonly spans?: readonly Span[];
}

function outcome(records: readonly StepRecord[], { failure, status, images, spans = [] }: Ending): BuildStepsOutcome {
  const buildTime = union(records.flatMap(({ time }) => time ?? []));
  const pushTime = union(spans);
  return {
    status: failure ? (status ?? "FAILURE") : "SUCCESS",
    ...(failure && { failure }),
    steps: records.map(({ failure: _failure, pushTime: _pushTime, output = new Uint8Array(), ...result }) => ({
      ...result,
      output,
    })),
    images: images ?? [],
    ...(buildTime && { buildTime }),
    ...(pushTime && { pushTime }),
  };
}

function union(spans: readonly Span[]): Span | undefined {
  if (spans.length === 0) return undefined;
  return {
    startMs: Math.min(...spans.map(({ startMs }) => startMs)),
    endMs: Math.max(...spans.map(({ endMs }) => endMs)),
  };
}
