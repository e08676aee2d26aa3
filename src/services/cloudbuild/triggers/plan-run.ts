import { create } from "@bufbuild/protobuf";
import {
  type Build,
  BuildSchema,
  type BuildTrigger,
  type RepoSource,
} from "../../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import { failedPrecondition, unsupportedField } from "../../../wire/errors.ts";
import type { BuildName } from "../build-name.ts";
import type { Deps } from "../deps.ts";
import { GitError } from "../source/git/git-error.ts";
import { parseGitUrl } from "../source/git/git-url.ts";
import { checkSubstitutions } from "../substitutions/check.ts";
import { substitutionValues } from "../substitutions.ts";
import { type BuildConfig, readBuildConfig } from "./build-config.ts";
import { invalidTrigger } from "./errors.ts";
import { passesFilter } from "./filter/evaluate-filter.ts";
import { parseFilter } from "./filter/parse-filter.ts";
import { bindPayload } from "./payload.ts";
import { triggeredBuild, type TriggeredSource } from "./triggered-build.ts";

/** What makes a trigger run: a request with a source, or an event with a payload. */
export interface TriggerEvent {
  readonly source?: RepoSource | undefined;
  readonly body?: unknown;
}

type PlanDeps = Pick<Deps, "git" | "workFolder" | "ids">;

/**
 * The build of one run of a trigger, at a resolved commit; undefined when the trigger's filter keeps it back. Reads the
 * repository but changes nothing. Rejects with FAILED_PRECONDITION when the repository cannot be had.
 */
export async function planRun(
  deps: PlanDeps,
  trigger: BuildTrigger,
  name: BuildName,
  event: TriggerEvent,
  signal: AbortSignal,
): Promise<Build | undefined> {
  const given = event.source?.substitutions ?? {};
  checkSubstitutions(given);
  const substitutions = { ...bindPayload(trigger.substitutions, event.body), ...given };
  const filtered = create(BuildSchema, { substitutions, options: { dynamicSubstitutions: true } });
  if (!passesFilter(parseFilter(trigger.filter), substitutionValues(filtered, name))) return undefined;
  try {
    const source = await resolveSource(deps, trigger, event.source, signal);
    const { build, path } = await templateOf(deps, trigger, source, signal);
    return triggeredBuild(trigger, { template: build, configPath: path, source, substitutions });
  } catch (error) {
    if (error instanceof GitError) throw failedPrecondition(`Couldn't read the repository: ${error.message}`);
    throw error;
  }
}

async function resolveSource(
  { git }: PlanDeps,
  { sourceToBuild }: BuildTrigger,
  source: RepoSource | undefined,
  signal: AbortSignal,
): Promise<TriggeredSource | undefined> {
  if (source?.repoName) throw unsupportedField("source.repo_name");
  if (source?.invertRegex) throw unsupportedField("source.invert_regex");
  if (!sourceToBuild) {
    if (source?.revision.case !== undefined || source?.dir)
      throw invalidTrigger("source_to_build", "the trigger has no repository of which a revision could be built");
    return undefined;
  }
  const remote = parseGitUrl(sourceToBuild.uri, "trigger.source_to_build.uri");
  const revision = await git.resolve(remote, revisionOf(source) ?? sourceToBuild.ref, signal);
  return { remote, url: sourceToBuild.uri, dir: source?.dir ?? "", revision };
}

function revisionOf(source: RepoSource | undefined): string | undefined {
  const revision = source?.revision;
  if (revision?.case === "branchName") return `refs/heads/${revision.value}`;
  return revision?.case === "tagName" ? `refs/tags/${revision.value}` : revision?.value;
}

async function templateOf(
  deps: PlanDeps,
  { buildTemplate: template }: BuildTrigger,
  source: TriggeredSource | undefined,
  signal: AbortSignal,
): Promise<BuildConfig> {
  if (template.case === "build") return { build: template.value, path: "" };
  if (template.case === "gitFileSource" && template.value.uri !== "") {
    const { uri, revision, path } = template.value;
    const remote = parseGitUrl(uri, "trigger.git_file_source.uri");
    // A run at another revision of the same repository reads the file there, as Google's console does.
    const isSame = source?.remote.url === remote.url;
    const { commit } = isSame ? source.revision : await deps.git.resolve(remote, revision, signal);
    return readBuildConfig(deps, { remote, commit, path }, signal);
  }
  if (!source) throw invalidTrigger("source_to_build", "the trigger has no repository");
  const path = template.case === "autodetect" ? undefined : pathOf(template);
  return readBuildConfig(deps, { remote: source.remote, commit: source.revision.commit, path }, signal);
}

function pathOf(template: BuildTrigger["buildTemplate"]): string {
  if (template.case === "filename") return template.value;
  return template.case === "gitFileSource" ? template.value.path : "";
}
