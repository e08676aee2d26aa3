import { ArtifactRegistry } from "../../gen/google/devtools/artifactregistry/v1/service_pb.js";
import { Repository_Format as Format } from "../../gen/google/devtools/artifactregistry/v1/repository_pb.js";
import { Code } from "../../gen/google/rpc/code_pb.js";
import { unless } from "./api-errors.ts";
import type { Deps } from "./deps.ts";
import { DeploymentFailure } from "./errors.ts";
import { agentOf, defaultRepositoryOf, formatLocation, type FunctionName, packageIdOf } from "./function-name.ts";
import { waitAWhile } from "./wait.ts";

/** Google's description of the repository that it makes. */
const DESCRIPTION = "This repository is created and used by Cloud Functions for storing function docker images.";

/** Makes the default repository if it is not there; a repository of the user's own must be. */
export async function ensureRepository(
  deps: Pick<Deps, "clients">,
  repository: string,
  name: FunctionName,
  signal: AbortSignal,
): Promise<void> {
  const registry = deps.clients.of(ArtifactRegistry, agentOf(name.project), signal);
  if (await unless(registry.getRepository({ name: repository }), Code.NOT_FOUND)) return;
  if (repository !== defaultRepositoryOf(name))
    throw new DeploymentFailure("RepositoryNotFound", `Repository ${repository} was not found.`, Code.NOT_FOUND);
  const request = {
    parent: formatLocation(name),
    repositoryId: "gcf-artifacts",
    repository: { format: Format.DOCKER, description: DESCRIPTION, labels: { "goog-managed-by": "cloudfunctions" } },
  };
  const operation = await unless(registry.createRepository(request), Code.ALREADY_EXISTS);
  if (operation && !operation.done) await waitAWhile(deps, name.project, operation.name, signal);
}

/** Deletes a function's images; resolves with false while that still goes on. */
export async function deleteImages(
  deps: Pick<Deps, "clients">,
  repository: string,
  name: FunctionName,
  signal: AbortSignal,
): Promise<boolean> {
  const registry = deps.clients.of(ArtifactRegistry, agentOf(name.project), signal);
  const request = { name: `${repository}/packages/${packageIdOf(name)}` };
  const operation = await unless(registry.deletePackage(request), Code.NOT_FOUND);
  if (!operation || operation.done) return true;
  return (await waitAWhile(deps, name.project, operation.name, signal)).done;
}
