import type { Artifacts, Build } from "../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import { unsupportedField } from "../../wire/errors.ts";
import { invalidBuild } from "./errors.ts";
import { MAX_ARTIFACT_PATHS, MAX_IMAGES } from "./limits.ts";

/** Rejects with INVALID_ARGUMENT what Cloud Build refuses of images and artifacts, and by name what homerun does not serve. */
export function validateArtifacts(build: Build): void {
  const { images, artifacts } = build;
  if (images.length > MAX_IMAGES) throw invalidBuild("images", `a build has at most ${MAX_IMAGES} images`);
  if (!artifacts) return;
  const isOther = artifacts.images.length > 0 && artifacts.images.join("\n") !== images.join("\n");
  if (images.length > 0 && isOther)
    throw invalidBuild("artifacts.images", "cannot specify different .images and .artifacts.images");
  if (artifacts.images.length > MAX_IMAGES)
    throw invalidBuild("artifacts.images", `cannot specify more than ${MAX_IMAGES} images to build`);
  refusePackages(artifacts);
  checkObjects(artifacts);
}

/** Artifact Registry serves container images here, and no format of a package manager. */
function refusePackages(artifacts: Artifacts): void {
  if (artifacts.mavenArtifacts.length > 0) throw unsupportedField("build.artifacts.maven_artifacts");
  if (artifacts.pythonPackages.length > 0) throw unsupportedField("build.artifacts.python_packages");
  if (artifacts.npmPackages.length > 0) throw unsupportedField("build.artifacts.npm_packages");
  if (artifacts.goModules.length > 0) throw unsupportedField("build.artifacts.go_modules");
}

function checkObjects({ objects }: Artifacts): void {
  if (!objects) return;
  const { location, paths } = objects;
  const invalid = (name: string, problem: string) =>
    invalidBuild(`artifacts.objects.${name}`, `invalid .artifacts field: ${problem}`);
  if (location === "") throw invalid("location", ".artifacts.location field is empty");
  if (!location.startsWith("gs://"))
    throw invalid(
      "location",
      `invalid .artifacts.location value "${location}"; Google Cloud Storage URLs must begin with 'gs://'`,
    );
  if (paths.length === 0) throw invalid("paths", ".artifacts.paths field empty");
  if (paths.length > MAX_ARTIFACT_PATHS)
    throw invalid(
      "paths",
      `.artifacts.paths field has length ${paths.length}, but cannot specify more than ${MAX_ARTIFACT_PATHS}`,
    );
  const spaced = paths.find((path) => /\s/.test(path));
  if (spaced !== undefined) throw invalid("paths", `.artifacts.paths "${spaced}" contains whitespace`);
  const twice = [...new Set(paths.filter((path, index) => paths.indexOf(path) !== index))];
  if (twice.length > 0)
    throw invalid("paths", `.artifacts.paths field has duplicate paths; remove duplicates [${twice.join(", ")}]`);
}
