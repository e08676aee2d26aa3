import { create } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import type { Function } from "../../gen/google/cloud/functions/v2/functions_pb.js";
import {
  type Build,
  BuildOptions_LoggingMode as LoggingMode,
  BuildSchema,
} from "../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import { signatureTypeOf } from "./event-trigger.ts";
import { type FunctionName, packageIdOf, parseFunctionName } from "./function-name.ts";
import { BUILD_TIMEOUT_SECONDS } from "./limits.ts";
import { findRuntime } from "./runtimes.ts";
import { type Deployment, deploymentIdOf, type StoredFunction } from "./stored-function.ts";

const BUILDER = "gcr.io/buildpacks/builder:google-22";

/** The build that makes a function's image: Google's buildpacks by `pack`, pushed under Google's names. */
export function planBuild(stored: StoredFunction, deployment: Deployment): Build {
  const { function: fn } = stored;
  const name = parseFunctionName(stored.name);
  const { source, serviceAccount = "" } = fn.buildConfig ?? {};
  const storage = source?.source.case === "storageSource" ? source.source.value : undefined;
  const { bucket = "", object = "", generation = 0n } = storage ?? {};
  return create(BuildSchema, {
    source: { source: { case: "storageSource", value: { bucket, object, generation } } },
    steps: [{ name: "gcr.io/k8s-skaffold/pack", id: "build", entrypoint: "pack", args: packArgs(fn, name) }],
    timeout: durationFromMs(BUILD_TIMEOUT_SECONDS * 1000),
    // Google's default logs bucket is not open to service accounts of the user's own.
    options: { logging: serviceAccount === "" ? LoggingMode[deployment.logging] : LoggingMode.CLOUD_LOGGING_ONLY },
    serviceAccount,
    tags: [deploymentIdOf(stored)],
  });
}

/** Image name without tag: HOST/PROJECT/REPOSITORY/PACKAGE. */
export function imageOf(fn: Function, name: FunctionName): string {
  const [, project, , location, , repository] = (fn.buildConfig?.dockerRepository ?? "").split("/");
  return `${location}-docker.pkg.dev/${project}/${repository}/${packageIdOf(name)}`;
}

/** The base image of a function, by Google's name. */
export function runImageOf({ buildConfig }: Function, { location }: FunctionName): string {
  const { runtime = "" } = buildConfig ?? {};
  const stack = `${findRuntime(runtime)?.stack}-full`;
  return `${location}-docker.pkg.dev/serverless-runtimes/${stack}/runtimes/${runtime}`;
}

function packArgs(fn: Function, name: FunctionName): string[] {
  const { runtime = "", entryPoint = "", environmentVariables = {} } = fn.buildConfig ?? {};
  const image = imageOf(fn, name);
  const env = {
    ...environmentVariables,
    GOOGLE_FUNCTION_TARGET: entryPoint,
    GOOGLE_FUNCTION_SIGNATURE_TYPE: signatureTypeOf(fn),
    GOOGLE_RUNTIME: runtime,
    X_GOOGLE_TARGET_PLATFORM: "gcf",
  };
  const tags = [`${image}:version_1`, "--tag", `${image}:latest`];
  const args = [
    "build",
    ...tags,
    "--publish",
    "--builder",
    BUILDER,
    "--run-image",
    runImageOf(fn, name),
    ...Object.entries(env).flatMap(([key, value]) => ["--env", `${key}=${value}`]),
  ];
  // Cloud Build would take a dollar sign for a substitution.
  return args.map((arg) => arg.replaceAll("$", "$$$$"));
}
