import type { Build, Dependency } from "../../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import { unsupportedField } from "../../../wire/errors.ts";
import { invalidBuild } from "../errors.ts";
import { entryPath } from "./entry-path.ts";
import { parseGitUrl } from "./git/git-url.ts";

const BUCKET = /^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$/;

/** Rejects with INVALID_ARGUMENT a build whose source or dependencies cannot be fetched, by name what is not supported. */
export function validateSource(build: Build): void {
  const { source, gitConfig, dependencies } = build;
  if (gitConfig) throw unsupportedField("build.git_config");
  if (source?.source.case === "storageSource") checkStorage("storage_source", source.source.value);
  else if (source?.source.case === "gitSource") {
    const { url, dir } = source.source.value;
    parseGitUrl(url, "build.source.git_source.url");
    checkFolder("source.git_source.dir", dir);
  } else if (source?.source.case)
    throw unsupportedField(
      `build.source.${source.source.case.replaceAll(/[A-Z]/g, (each) => `_${each.toLowerCase()}`)}`,
    );
  for (const [index, dependency] of dependencies.entries()) checkDependency(`dependencies[${index}]`, dependency);
}

function checkStorage(kind: string, { bucket, object }: { bucket: string; object: string }): void {
  if (!BUCKET.test(bucket)) throw invalidBuild(`source.${kind}.bucket`, `invalid bucket name "${bucket}"`);
  if (object === "") throw invalidBuild(`source.${kind}.object`, "the object of the source must be given");
}

function checkDependency(field: string, { dep }: Dependency): void {
  if (dep.case !== "gitSource") return;
  const { repository, revision, depth, recurseSubmodules, destPath } = dep.value;
  if (repository?.repotype.case === "developerConnect")
    throw unsupportedField(`build.${field}.git_source.repository.developer_connect`);
  parseGitUrl(repository?.repotype.value ?? "", `build.${field}.git_source.repository.url`);
  if (recurseSubmodules) throw unsupportedField(`build.${field}.git_source.recurse_submodules`);
  if (depth !== 0n && depth !== 1n) throw unsupportedField(`build.${field}.git_source.depth other than 1`);
  if (revision === "") throw invalidBuild(`${field}.git_source.revision`, "the revision must be given");
  if (destPath === "") throw invalidBuild(`${field}.git_source.dest_path`, "dest_path must be given");
  checkFolder(`${field}.git_source.dest_path`, destPath);
}

function checkFolder(field: string, path: string): void {
  try {
    entryPath("/workspace", path);
  } catch {
    throw invalidBuild(field, `${field} must be a relative path inside the source, not "${path}"`);
  }
}
