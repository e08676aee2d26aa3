import { create } from "@bufbuild/protobuf";
import type { SubmitBuildRequest, SubmitBuildRequest_BuildpacksBuild } from "../../gen/google/cloud/run/v2/build_pb.js";
import {
  type Build,
  BuildOptions_MachineType,
  BuildSchema,
} from "../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import { findBaseImage, runImageName, RUNTIMES } from "../../oci/base/runtimes.ts";
import { parseReference } from "../../oci/reference.ts";
import { invalidArgument, unsupportedField } from "../../wire/errors.ts";

/** The steps that Google's own source deployments run. */
const PACK = "gcr.io/k8s-skaffold/pack";
const DOCKER = "gcr.io/cloud-builders/docker";
/** gcloud's base image when none is chosen: whatever suits the source. */
const ANY_RUNTIME = /^gcr\.io\/buildpacks\/google-\d+\/run$/;

/** What a build request stands for. */
export interface SourceBuild {
  readonly build: Build;
  /** Regional URI of the base image, "" when the source decides. */
  readonly baseImageUri: string;
}

/**
 * The Cloud Build build of a source deployment: one step, `pack build IMAGE` or `docker build`, as Google's own are.
 * Google: build.proto, SubmitBuildRequest.
 */
export function sourceBuildOf(request: SubmitBuildRequest, location: string): SourceBuild {
  if (request.workerPool !== "") throw unsupportedField("worker_pool");
  if (request.buildType.case === undefined) throw missing("build_type");
  if (request.source.case === undefined) throw missing("source");
  checkImageUri(request.imageUri);
  const { step, baseImageUri } =
    request.buildType.case === "dockerBuild"
      ? { step: dockerStep(request.imageUri), baseImageUri: "" }
      : packStep(request.imageUri, request.buildType.value, location);
  const { bucket, object, generation } = request.source.value;
  const build = create(BuildSchema, {
    source: { source: { case: "storageSource", value: { bucket, object, generation } } },
    steps: [step],
    images: [request.imageUri],
    tags: request.tags,
    serviceAccount: request.serviceAccount,
    ...machineOptions(request.machineType),
  });
  return { build, baseImageUri };
}

function packStep(imageUri: string, pack: SubmitBuildRequest_BuildpacksBuild, location: string) {
  const baseImage = baseImageOf(pack, location);
  const step = { name: PACK, entrypoint: "pack", args: packArgs(imageUri, pack, baseImage) };
  return { step, baseImageUri: baseImage.uri };
}

/** `gcloud builds submit --tag` has the same step with --no-cache; here layers of the project's last builds may serve. */
function dockerStep(imageUri: string) {
  return { name: DOCKER, args: ["build", "--network", "cloudbuild", "-t", imageUri, "."] };
}

interface BaseImage {
  /** Image reference, or "". */
  readonly uri: string;
  /** Runtime id, when it is one of Google's base images. */
  readonly runtime: string | undefined;
}

function baseImageOf(pack: SubmitBuildRequest_BuildpacksBuild, location: string): BaseImage {
  const asked = pack.baseImage || pack.runtime;
  if (asked === "" || ANY_RUNTIME.test(asked)) return { uri: "", runtime: undefined };
  const runtime = findBaseImage(asked);
  if (runtime) return { uri: regional(runImageName(runtime), location), runtime: runtime.id };
  if (isReference(asked)) return { uri: asked, runtime: undefined };
  const description = `Base image '${asked}' is not supported by homerun; supported are ${Object.keys(RUNTIMES).join(", ")}.`;
  throw invalidArgument(description, [{ field: "buildpack_build.base_image", description }]);
}

function packArgs(imageUri: string, pack: SubmitBuildRequest_BuildpacksBuild, baseImage: BaseImage): string[] {
  if (pack.cacheImageUri !== "") throw unsupportedField("buildpack_build.cache_image_uri");
  const env = {
    ...(baseImage.runtime !== undefined && isLanguage(baseImage.runtime) && { GOOGLE_RUNTIME: baseImage.runtime }),
    ...(pack.functionTarget !== "" && { GOOGLE_FUNCTION_TARGET: pack.functionTarget }),
    ...pack.environmentVariables,
  };
  const runImage = baseImage.uri === "" ? [] : ["--run-image", baseImage.uri];
  const descriptor = pack.projectDescriptor === "" ? [] : ["--descriptor", pack.projectDescriptor];
  return [
    "build",
    imageUri,
    ...runImage,
    ...descriptor,
    ...Object.entries(env).flatMap(([key, value]) => ["--env", `${key}=${value}`]),
  ];
}

/** Google's operating-system images ask for no language: the source decides. */
function isLanguage(runtime: string): boolean {
  return !runtime.startsWith("osonly");
}

/** Google has its base images in every region. */
function regional(image: string, location: string): string {
  return image.replace(/^[^/]+/, `${location}-docker.pkg.dev`);
}

/** Google: build.proto, machine_type: "Currently only E2_HIGHCPU_8 is supported". */
function machineOptions(machineType: string) {
  if (machineType === "") return {};
  if (machineType === "E2_HIGHCPU_8") return { options: { machineType: BuildOptions_MachineType.E2_HIGHCPU_8 } };
  const description = `Machine type '${machineType}' is not supported; only E2_HIGHCPU_8 is.`;
  throw invalidArgument(description, [{ field: "machine_type", description }]);
}

function checkImageUri(imageUri: string): void {
  if (isReference(imageUri)) return;
  const description = `Expected an image path like host/repo-path[:tag] but obtained '${imageUri}'.`;
  throw invalidArgument(description, [{ field: "image_uri", description }]);
}

function isReference(text: string): boolean {
  try {
    return parseReference(text).host !== "";
  } catch {
    return false;
  }
}

function missing(field: string) {
  const description = `Violation in SubmitBuildRequest.${field}: required field not present.`;
  return invalidArgument(description, [{ field, description: "required field not present." }]);
}
