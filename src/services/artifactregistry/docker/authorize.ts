import type { AuthorizeRegistry } from "../../../oci/distribution/call.ts";
import { unauthorized } from "../../../oci/distribution/errors.ts";
import type { Call } from "../../../wire/call.ts";
import type { RegistryModel } from "../model.ts";
import type { PlaceOf } from "./registry-storage.ts";

/** Roles that let the public pull. */
const PUBLIC_READERS = new Set(["roles/artifactregistry.reader", "roles/artifactregistry.writer", "roles/viewer"]);

/** Lets callers with an identity do everything, and those without one pull what is open to allUsers. */
export function createAuthorize(
  { policies }: Pick<RegistryModel, "policies">,
  call: Call,
  placeOf: PlaceOf,
): AuthorizeRegistry {
  return async (action, name) => {
    const { repository } = await placeOf(name);
    if (call.principal.kind !== "anonymous") return;
    if (action !== "pull") throw unauthorized(challengeOf(call.origin));
    const { bindings } = await policies.get(repository);
    const isPublic = bindings.some(({ role, members }) => PUBLIC_READERS.has(role) && members.includes("allUsers"));
    if (!isPublic) throw unauthorized(challengeOf(call.origin));
  };
}

/** WWW-Authenticate as Artifact Registry writes it: where docker gets a token. */
export function challengeOf(origin: string): string {
  return `Bearer realm="${origin}/v2/token",service="${new URL(origin).host}"`;
}
