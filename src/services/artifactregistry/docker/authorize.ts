import type { AuthorizeRegistry, RegistryAction } from "../../../oci/distribution/call.ts";
import { denied, unauthorized } from "../../../oci/distribution/errors.ts";
import type { Call } from "../../../wire/call.ts";
import type { RegistryModel } from "../model.ts";
import type { PlaceOf } from "./registry-storage.ts";

/** Google: cloud.google.com/artifact-registry/docs/access-control. */
const PERMISSIONS: Readonly<Record<RegistryAction, string>> = {
  pull: "artifactregistry.repositories.downloadArtifacts",
  push: "artifactregistry.repositories.uploadArtifacts",
  delete: "artifactregistry.repositories.deleteArtifacts",
};

/** Lets callers do what they have the permission for on the repository; who has no identity and not enough is asked for one. */
export function createAuthorize(
  { access }: Pick<RegistryModel, "access">,
  call: Call,
  placeOf: PlaceOf,
): AuthorizeRegistry {
  return async (action, name) => {
    const { repository } = await placeOf(name);
    const resource = {
      name: repository,
      resourceService: "artifactregistry.googleapis.com",
      resourceType: "artifactregistry.googleapis.com/Repository",
    };
    const permission = PERMISSIONS[action];
    if (await access.isGranted(call.principal, permission, resource)) return;
    if (call.principal.kind === "anonymous") throw unauthorized(challengeOf(call.origin));
    throw denied(`Permission "${permission}" denied on resource "${repository}" (or it may not exist)`);
  };
}

/** WWW-Authenticate as Artifact Registry writes it: where docker gets a token. */
export function challengeOf(origin: string): string {
  return `Bearer realm="${origin}/v2/token",service="${new URL(origin).host}"`;
}
