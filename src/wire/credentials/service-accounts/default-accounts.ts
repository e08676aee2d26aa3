import { projectNumberOf } from "../../projects/project-number.ts";
import type { KnownProject, Projects } from "../../projects/projects.ts";
import { subjectOf } from "../local-tokens.ts";
import type { ServiceAccount } from "./account.ts";

const PROJECT_ID = /^[a-z][a-z0-9-]{2,61}[a-z0-9]$/;

/**
 * The service accounts that a project has without anybody creating them
 * (cloud.google.com/iam/docs/service-account-types, default service accounts; the legacy one of Cloud Build).
 */
export function defaultAccountsOf(project: Pick<KnownProject, "id" | "number">): ServiceAccount[] {
  const account = (email: string, displayName: string): ServiceAccount => ({
    email,
    uniqueId: subjectOf(email),
    projectId: project.id,
    displayName,
    description: "",
    disabled: false,
    version: 0,
  });
  return [
    account(`${project.number}-compute@developer.gserviceaccount.com`, "Default compute service account"),
    account(`${project.id}@appspot.gserviceaccount.com`, "App Engine default service account"),
    account(`${project.number}@cloudbuild.gserviceaccount.com`, "Legacy Cloud Build service account"),
  ];
}

/**
 * The default service account of an e-mail address: that of a known project, when the address holds a project number, or
 * of any project id.
 */
export function defaultAccountOf(email: string, projects: Projects): ServiceAccount | undefined {
  const [, number, id] =
    /^(?:(\d+)(?:-compute@developer|@cloudbuild)|(.+)@appspot)\.gserviceaccount\.com$/.exec(email) ?? [];
  const project =
    id !== undefined && PROJECT_ID.test(id)
      ? { id, number: projectNumberOf(id) }
      : projects.get(projects.idOf(number ?? ""));
  return project && defaultAccountsOf(project).find((account) => account.email === email);
}
