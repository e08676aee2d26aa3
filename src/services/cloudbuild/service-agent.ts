import type { Principal } from "../../wire/credentials/principal.ts";
import { projectNumberOf } from "../../wire/projects/project-number.ts";

/** Cloud Build's own identity in a project, which fetches sources, writes logs and vouches for images. */
// Google: cloud.google.com/build/docs/securing-builds/configure-access-for-cloud-build-service-account (service agent)
export function agentOf(project: string): Principal {
  const email = `service-${projectNumberOf(project)}@gcp-sa-cloudbuild.iam.gserviceaccount.com`;
  return { kind: "serviceAgent", email };
}
