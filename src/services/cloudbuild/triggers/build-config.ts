import { lstat, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { create, fromJson, type JsonValue } from "@bufbuild/protobuf";
import { type Build, BuildSchema } from "../../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import { invalidArgument } from "../../../wire/errors.ts";
import { findUnknownFields } from "../../../wire/rest/unknown-fields.ts";
import type { Deps } from "../deps.ts";
import { entryPath } from "../source/entry-path.ts";
import type { GitRemote } from "../source/git/git-url.ts";

/** A build as a file of a repository describes it. */
export interface BuildConfig {
  readonly build: Build;
  /** TRIGGER_BUILD_CONFIG_PATH: "" for a Dockerfile. */
  readonly path: string;
}

/** Google: cloudbuild.proto, BuildTrigger.autodetect; letter case does not matter. */
const AUTODETECTED = ["cloudbuild.yaml", "cloudbuild.yml", "cloudbuild.json", "dockerfile"];
const MAX_CONFIG_BYTES = 1024 ** 2;

/** Reads the build of a commit from the file at `path`, or from the one that autodetection finds for undefined. */
export async function readBuildConfig(
  { git, workFolder, ids }: Pick<Deps, "git" | "workFolder" | "ids">,
  { remote, commit, path }: { remote: GitRemote; commit: string; path: string | undefined },
  signal: AbortSignal,
): Promise<BuildConfig> {
  const folder = join(workFolder, `trigger-${ids.uuid()}`);
  try {
    await git.clone(remote, commit, folder, signal);
    const name = path ?? (await autodetect(folder));
    if (name.toLowerCase() === "dockerfile" && path === undefined) return { build: dockerBuild(name), path: "" };
    return { build: await parseBuildConfig(await readConfig(folder, name), name), path: name };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function autodetect(folder: string): Promise<string> {
  const names = await readdir(folder);
  const found = AUTODETECTED.map((wanted) => names.find((name) => name.toLowerCase() === wanted)).find(Boolean);
  if (found === undefined)
    throw invalidArgument("the repository has no cloudbuild.yaml, cloudbuild.yml, cloudbuild.json or Dockerfile");
  return found;
}

async function readConfig(folder: string, name: string): Promise<string> {
  const file = entryPath(folder, name);
  const stats = file === undefined ? undefined : await lstat(file).catch(() => undefined);
  if (file === undefined || !stats?.isFile()) throw invalidArgument(`failed to read build config: no file ${name}`);
  if (stats.size > MAX_CONFIG_BYTES) throw invalidArgument(`failed to read build config: ${name} is too large`);
  return readFile(file, "utf8");
}

/** Parses a build config file; rejects with INVALID_ARGUMENT what is no build, and unknown fields by name. */
export async function parseBuildConfig(text: string, name: string): Promise<Build> {
  const json = await parseYaml(text, name);
  const [unknown] = findUnknownFields(BuildSchema, json);
  if (unknown) throw invalidConfig(name, unknown.description.replace("Invalid JSON payload received. ", ""));
  try {
    return fromJson(BuildSchema, json);
  } catch (error) {
    throw invalidConfig(name, (error as Error).message);
  }
}

/** JSON is YAML, too, so the name of the file says nothing. Aliases are bounded, and tags beyond YAML's own refused. */
async function parseYaml(text: string, name: string): Promise<JsonValue> {
  // Loaded here, since few builds have such a file: it is as large as a service.
  const { parse } = await import("yaml");
  try {
    return parse(text, { maxAliasCount: 100, schema: "core", logLevel: "error" }) as JsonValue;
  } catch (error) {
    throw invalidConfig(name, (error as Error).message);
  }
}

function invalidConfig(name: string, problem: string) {
  return invalidArgument(`failed unmarshalling build config ${name}: ${problem}`);
}

function dockerBuild(dockerfile: string): Build {
  const image = "gcr.io/$PROJECT_ID/$REPO_FULL_NAME:$COMMIT_SHA";
  const args = ["build", "-t", image, "-f", dockerfile, "."];
  return create(BuildSchema, { steps: [{ name: "gcr.io/cloud-builders/docker", args }], images: [image] });
}
