import { clone, create } from "@bufbuild/protobuf";
import {
  type Function,
  FunctionSchema,
  OnDeployUpdatePolicySchema,
} from "../../../gen/google/cloud/functions/v2/functions_pb.js";
import {
  type Build,
  Build_Status as Status,
  CloudBuild,
} from "../../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import type { Client } from "../../../wire/in-process/client.ts";
import { imageOf, planBuild } from "../build-plan.ts";
import type { Deps } from "../deps.ts";
import { buildFailed } from "../errors.ts";
import { agentOf, formatLocation, type FunctionName, parseFunctionName } from "../function-name.ts";
import { ensureRepository } from "../repository.ts";
import { saveProgress } from "../save.ts";
import { deploymentIdOf } from "../stored-function.ts";
import { waitAWhile } from "../wait.ts";
import { STILL_WORKING, type StepOutcome, type Work } from "./step.ts";

/** Stage BUILD: one build for the deployment, however often this runs; then the image is known. */
export async function buildStep(deps: Deps, work: Work): Promise<StepOutcome> {
  const { stored, deployment } = work;
  const name = parseFunctionName(stored.name);
  const cloudBuild = deps.clients.of(CloudBuild, agentOf(name.project));
  if (deployment.buildId === "") {
    const buildId = await ensureBuild(deps, cloudBuild, work, name);
    await saveProgress(deps, stored, { ...deployment, buildId });
    return "AGAIN";
  }
  const build = await lookAtBuild(deps, cloudBuild, work, name);
  if (build.status === Status.QUEUED || build.status === Status.WORKING) return STILL_WORKING;
  if (build.status !== Status.SUCCESS) throw failureOf(build);
  const image = `${imageOf(stored.function, name)}@${build.results?.images[0]?.digest ?? ""}`;
  const built = { image, function: await withRuntimeVersion(deps, stored.function, image) };
  await saveProgress(deps, stored, { ...deployment, step: "SERVICE" }, built);
  return "AGAIN";
}

/** Google: functions.proto, OnDeployUpdatePolicy.runtime_version: the version that the latest deployment used. */
async function withRuntimeVersion(deps: Deps, given: Function, image: string): Promise<Function> {
  if (given.buildConfig?.runtimeUpdatePolicy.case !== "onDeployUpdatePolicy") return given;
  const fn = clone(FunctionSchema, given);
  const value = create(OnDeployUpdatePolicySchema, { runtimeVersion: await deps.runtimeVersionOf(image) });
  fn.buildConfig!.runtimeUpdatePolicy = { case: "onDeployUpdatePolicy", value };
  return fn;
}

/** A crash may have come between the build and the note of it: the deployment's tag finds it again. */
async function ensureBuild(
  deps: Deps,
  cloudBuild: Client<typeof CloudBuild>,
  { stored, deployment, signal }: Work,
  name: FunctionName,
): Promise<string> {
  const parent = formatLocation(name);
  const filter = `tags="${deploymentIdOf(stored)}"`;
  const { builds } = await cloudBuild.listBuilds({ parent, projectId: name.project, filter, pageSize: 1 });
  if (builds[0]) return builds[0].id;
  await ensureRepository(deps, stored.function.buildConfig?.dockerRepository ?? "", name, signal);
  const build = planBuild(stored, deployment);
  const operation = await cloudBuild.createBuild({ parent, projectId: name.project, build });
  return operation.name.slice(operation.name.lastIndexOf("/") + 1);
}

async function lookAtBuild(
  deps: Deps,
  cloudBuild: Client<typeof CloudBuild>,
  { deployment: { buildId }, signal }: Work,
  name: FunctionName,
): Promise<Build> {
  const parent = formatLocation(name);
  const read = () => cloudBuild.getBuild({ name: `${parent}/builds/${buildId}`, projectId: name.project, id: buildId });
  const build = await read();
  if (build.status !== Status.QUEUED && build.status !== Status.WORKING) return build;
  await waitAWhile(deps, name.project, `${parent}/operations/${buildId}`, signal);
  return read();
}

function failureOf(build: Build) {
  return buildFailed(
    Status[build.status],
    build.failureInfo?.detail || build.statusDetail || "no details",
    build.logUrl,
  );
}
