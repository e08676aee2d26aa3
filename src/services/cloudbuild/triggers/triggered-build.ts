import { clone, create } from "@bufbuild/protobuf";
import {
  type Build,
  BuildOptions_SubstitutionOption as SubstitutionOption,
  BuildOptionsSchema,
  BuildSchema,
  type BuildTrigger,
  SourceSchema,
} from "../../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import type { Revision } from "../source/git/git-refs.ts";
import { type GitRemote, repositoryNames } from "../source/git/git-url.ts";

/** What a run of a trigger builds, once it is known. */
export interface TriggeredSource {
  readonly remote: GitRemote;
  /** URL as it stands in the trigger, credentials included. */
  readonly url: string;
  readonly dir: string;
  readonly revision: Revision;
}

/** What a run of a trigger makes a build of. */
export interface TriggeredRun {
  readonly template: Build;
  /** TRIGGER_BUILD_CONFIG_PATH. */
  readonly configPath: string;
  readonly source: TriggeredSource | undefined;
  /** The trigger's own ones for this event, and those of the request. */
  readonly substitutions: Readonly<Record<string, string>>;
}

/**
 * The build that a trigger asks for: its template, at one commit, with the substitutions of trigger and event. Triggered
 * builds are always ALLOW_LOOSE and dynamic. Pure. Google: cloudbuild.proto, BuildOptions.substitution_option and
 * dynamic_substitutions.
 */
export function triggeredBuild(trigger: BuildTrigger, run: TriggeredRun): Build {
  const build = clone(BuildSchema, run.template);
  build.options ??= create(BuildOptionsSchema);
  build.options.substitutionOption = SubstitutionOption.ALLOW_LOOSE;
  build.options.dynamicSubstitutions = true;
  build.substitutions = {
    ...build.substitutions,
    ...builtIn(trigger, run),
    ...run.substitutions,
  };
  build.tags = [...new Set([...build.tags, ...trigger.tags, `trigger-${trigger.id}`])];
  build.serviceAccount = trigger.serviceAccount || build.serviceAccount;
  if (run.source) build.source = sourceOf(run.source);
  return build;
}

function sourceOf({ url, dir, revision }: TriggeredSource) {
  return create(SourceSchema, { source: { case: "gitSource", value: { url, dir, revision: revision.commit } } });
}

function builtIn(trigger: BuildTrigger, { source, configPath }: TriggeredRun): Record<string, string> {
  const ofTrigger = { TRIGGER_NAME: trigger.name, TRIGGER_BUILD_CONFIG_PATH: configPath };
  if (!source) return ofTrigger;
  const { commit, ref = "" } = source.revision;
  const { name, fullName } = repositoryNames(source.remote);
  const branch = /^refs\/heads\/(.+)$/.exec(ref)?.[1];
  const tag = /^refs\/tags\/(.+)$/.exec(ref)?.[1];
  const short = branch ?? tag;
  return {
    ...ofTrigger,
    COMMIT_SHA: commit,
    REVISION_ID: commit,
    SHORT_SHA: commit.slice(0, 7),
    REPO_NAME: name,
    REPO_FULL_NAME: fullName,
    ...(branch !== undefined && { BRANCH_NAME: branch }),
    ...(tag !== undefined && { TAG_NAME: tag }),
    ...(short !== undefined && { REF_NAME: short }),
  };
}
