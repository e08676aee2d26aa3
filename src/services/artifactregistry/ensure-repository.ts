import { Repository_Format } from "../../gen/google/devtools/artifactregistry/v1/repository_pb.js";
import { ArtifactRegistry } from "../../gen/google/devtools/artifactregistry/v1/service_pb.js";
import { Operations } from "../../gen/google/longrunning/operations_pb.js";
import { Code } from "../../gen/google/rpc/code_pb.js";
import type { Principal } from "../../wire/credentials/principal.ts";
import { ApiError } from "../../wire/errors.ts";
import type { ServiceDeps } from "../../wire/service-deps.ts";

/** Makes sure that the Docker repository of an image reference (LOCATION-docker.pkg.dev/PROJECT/REPOSITORY/...) exists. */
export async function ensureRepositoryOf(
  { clients }: Pick<ServiceDeps, "clients">,
  reference: string,
  as: Principal,
): Promise<void> {
  const [, location, project, repositoryId] = /^(.+)-docker\.pkg\.dev\/([^/]+)\/([^/]+)\//.exec(reference) ?? [];
  if (!location || !project || !repositoryId) throw new TypeError(`${reference} is no image of Artifact Registry`);
  const parent = `projects/${project}/locations/${location}`;
  const repository = { format: Repository_Format.DOCKER };
  try {
    const { name } = await clients.of(ArtifactRegistry, as).createRepository({ parent, repositoryId, repository });
    await clients.of(Operations, as).waitOperation({ name });
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== Code.ALREADY_EXISTS) throw error;
  }
}
