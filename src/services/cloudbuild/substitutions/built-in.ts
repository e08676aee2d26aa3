import type { Build } from "../../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import { projectNumberOf } from "../../../wire/projects/project-number.ts";
import type { BuildName } from "../build-name.ts";
import { defaultServiceAccountOf } from "../build.ts";

/**
 * Built-in substitutions that a trigger or a source gives, and that a build may also bring along itself; without a value
 * they stand for nothing. Google: cloud.google.com/build/docs/configuring-builds/substitute-variable-values.
 */
export const OVERRIDABLE: readonly string[] = [
  "TRIGGER_NAME",
  "TRIGGER_BUILD_CONFIG_PATH",
  "COMMIT_SHA",
  "REVISION_ID",
  "SHORT_SHA",
  "REPO_NAME",
  "REPO_FULL_NAME",
  "BRANCH_NAME",
  "TAG_NAME",
  "REF_NAME",
];

/** The built-in substitutions of a build, those without a value included. */
export function builtInSubstitutions(build: Build, { project, location, id }: BuildName): Record<string, string> {
  const account = build.serviceAccount || `projects/${project}/serviceAccounts/${defaultServiceAccountOf(project)}`;
  return {
    ...Object.fromEntries(OVERRIDABLE.map((key) => [key, ""])),
    PROJECT_ID: project,
    PROJECT_NUMBER: projectNumberOf(project),
    BUILD_ID: id,
    LOCATION: location,
    SERVICE_ACCOUNT: account,
    SERVICE_ACCOUNT_EMAIL: account.slice(account.lastIndexOf("/") + 1),
  };
}
