import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  type Build,
  Build_FailureInfo_FailureType as FailureType,
  Build_FailureInfoSchema,
  Build_Status as Status,
  ResultsSchema,
  SourceProvenanceSchema,
  type TimeSpan,
  TimeSpanSchema,
} from "../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import type { BuildRun } from "./run-build.ts";

/** Writes what a run led to into its build: status, times, results, provenance. Pure but for `build`. */
export function recordRun(build: Build, run: BuildRun, nowMs: number): void {
  const { outcome } = run;
  build.status = Status[outcome.status];
  build.finishTime = timestampFromMs(nowMs);
  recordTimes(build, run);
  recordProvenance(build, run);
  if (outcome.status !== "SUCCESS") {
    build.statusDetail = outcome.detail;
    const type = FailureType[outcome.failureType];
    build.failureInfo = create(Build_FailureInfoSchema, { type, detail: outcome.detail });
    return;
  }
  const images = outcome.images.map(({ name, digest }) => ({ name, digest, ...packageOf(name) }));
  build.results = create(ResultsSchema, { images, buildStepImages: build.steps.map(() => "") });
}

function recordTimes(build: Build, { outcome, pack, fetchTime }: BuildRun): void {
  if (build.source) build.timing["FETCHSOURCE"] = spanOf(fetchTime);
  const [first] = outcome.phases;
  const last = outcome.phases.at(-1);
  if (!first || !last) return;
  const building = spanOf({ startMs: first.startMs, endMs: last.endMs });
  build.timing["BUILD"] = building;
  const step = build.steps[pack.stepIndex];
  if (step) Object.assign(step, { timing: building, status: Status[outcome.status] });
  const push = outcome.phases.find(({ name }) => name === "push" || name === "export");
  if (push && build.images.length > 0) build.timing["PUSH"] = spanOf(push);
}

function recordProvenance(build: Build, { generation }: BuildRun): void {
  if (build.source?.source.case !== "storageSource" || generation === 0n) return;
  const resolvedStorageSource = { ...build.source.source.value, generation };
  build.sourceProvenance = create(SourceProvenanceSchema, { resolvedStorageSource });
}

/** BuiltImage.artifact_registry_package of an image in Artifact Registry. */
function packageOf(image: string) {
  const match = /^([a-z0-9-]+)-docker\.pkg\.dev\/([^/]+)\/([^/]+)\/([^:@]+)/.exec(image);
  if (!match) return {};
  const [, location, project, repository, name = ""] = match;
  const parent = `projects/${project}/locations/${location}/repositories/${repository}`;
  return { artifactRegistryPackage: `${parent}/packages/${encodeURIComponent(name)}` };
}

function spanOf({ startMs, endMs }: { startMs: number; endMs: number }): TimeSpan {
  return create(TimeSpanSchema, { startTime: timestampFromMs(startMs), endTime: timestampFromMs(endMs) });
}
