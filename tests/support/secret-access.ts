import { projectNumberOf } from "../../src/wire/projects/project-number.ts";

/** The policy of a secret that instances and builds of a project read as their default service accounts. */
export function readableByDefaultAccount(project: string) {
  const builds = `${projectNumberOf(project)}@cloudbuild.gserviceaccount.com`;
  const members = [defaultAccountOf(project), builds].map((email) => `serviceAccount:${email}`);
  return { policy: { bindings: [{ role: "roles/secretmanager.secretAccessor", members }] } };
}

/** What instances run as unless told: the Compute Engine default service account. */
export function defaultAccountOf(project: string): string {
  return `${projectNumberOf(project)}-compute@developer.gserviceaccount.com`;
}
