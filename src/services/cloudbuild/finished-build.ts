import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { BuildStepsOutcome, Span, StepResult } from "../../build/steps/steps.ts";
import {
  type Build,
  Build_FailureInfo_FailureType as FailureType,
  Build_FailureInfoSchema,
  Build_Status as Status,
  type BuildStep,
  ResultsSchema,
  type TimeSpan,
  TimeSpanSchema,
} from "../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import type { BuildRun } from "./run-build.ts";

/** Writes what a run led to into its build: status, times, steps, results, provenance. Pure but for `build`. */
export function recordRun(build: Build, run: BuildRun, nowMs: number): void {
  const { outcome, failure, sourceProvenance } = run;
  build.status = failure ? Status.FAILURE : Status[outcome!.status];
  build.finishTime = timestampFromMs(nowMs);
  recordTimes(build, run, nowMs);
  if (sourceProvenance) build.sourceProvenance = sourceProvenance;
  if (failure) recordFailure(build, failure.type, failure.message);
  else if (outcome?.failure) recordFailure(build, outcome.failure.type, outcome.failure.detail);
  if (!outcome) return;
  for (const [index, result] of outcome.steps.entries()) recordStep(build.steps[index]!, result);
  recordResults(build, run, outcome);
}

function recordFailure(build: Build, type: keyof typeof FailureType, detail: string): void {
  build.failureInfo = create(Build_FailureInfoSchema, { type: FailureType[type], detail });
}

function recordTimes(build: Build, { outcome, fetchTime, artifacts }: BuildRun, nowMs: number): void {
  if (build.source) build.timing["FETCHSOURCE"] = spanOf(fetchTime);
  if (outcome?.buildTime) build.timing["BUILD"] = spanOf(outcome.buildTime);
  const pushes = [outcome?.pushTime, artifacts?.time].filter((time) => time !== undefined);
  const [first, last] = [pushes[0], pushes.at(-1)];
  if (first && last) build.timing["PUSH"] = spanOf({ startMs: first.startMs, endMs: last.endMs });
  // A push that failed has only begun.
  const push = build.timing["PUSH"];
  if (push) push.endTime ??= timestampFromMs(nowMs);
  if (build.artifacts?.objects && artifacts) build.artifacts.objects.timing = spanOf(artifacts.time);
}

function recordStep(step: BuildStep, { status, time, pullTime, exitCode }: StepResult): void {
  step.status = Status[status];
  step.exitCode = exitCode;
  if (time) step.timing = spanOf(time);
  if (pullTime) step.pullTiming = spanOf(pullTime);
}

function recordResults(build: Build, { artifacts, failure }: BuildRun, outcome: BuildStepsOutcome): void {
  const images = outcome.images.map(({ name, digest, pushTime }) => ({
    name,
    digest,
    ...(pushTime && { pushTiming: spanOf(pushTime) }),
    ...packageOf(name),
  }));
  const outputs = outcome.steps.map(({ output }) => output);
  build.results = create(ResultsSchema, {
    images: failure ? [] : images,
    buildStepImages: outcome.steps.map(({ imageDigest }) => imageDigest),
    // Google leaves the list out when no step wrote anything.
    buildStepOutputs: outputs.some((output) => output.length > 0) ? outputs : [],
    ...(artifacts && {
      artifactManifest: artifacts.manifest,
      numArtifacts: BigInt(artifacts.count),
      artifactTiming: spanOf(artifacts.time),
    }),
  });
}

/** BuiltImage.artifact_registry_package of an image in Artifact Registry. */
function packageOf(image: string) {
  const match = /^([a-z0-9-]+)-docker\.pkg\.dev\/([^/]+)\/([^/]+)\/([^:@]+)/.exec(image);
  if (!match) return {};
  const [, location, project, repository, name = ""] = match;
  const parent = `projects/${project}/locations/${location}/repositories/${repository}`;
  return { artifactRegistryPackage: `${parent}/packages/${encodeURIComponent(name)}` };
}

function spanOf({ startMs, endMs }: Span): TimeSpan {
  return create(TimeSpanSchema, { startTime: timestampFromMs(startMs), endTime: timestampFromMs(endMs) });
}
