import { file_google_protobuf_empty } from "@bufbuild/protobuf/wkt";
import { file_google_devtools_artifactregistry_v1_repository } from "../../gen/google/devtools/artifactregistry/v1/repository_pb.js";
import { ArtifactRegistry } from "../../gen/google/devtools/artifactregistry/v1/service_pb.js";
import type { ServiceModule } from "../../wire/service-module.ts";
import { dockerSurface } from "./docker/surface.ts";
import { artifactRegistryMigrations } from "./migrations.ts";
import { createRegistryModel, type ModelDeps } from "./model.ts";
import { reconcilers } from "./reconcile.ts";
import { artifactRegistryRpcs } from "./v1/rpcs.ts";

export interface ArtifactRegistryDeps extends ModelDeps {}

/** Artifact Registry: Docker repositories by its v1 API, and their images by the registry protocol. */
export function artifactregistry(deps: ArtifactRegistryDeps): ServiceModule {
  const model = createRegistryModel(deps);
  return {
    name: "artifactregistry",
    services: [ArtifactRegistry],
    rpcs: artifactRegistryRpcs(model),
    anyTypes: [file_google_devtools_artifactregistry_v1_repository, file_google_protobuf_empty],
    mixinVersions: ["v1"],
    versionAliases: { v1beta2: "v1" },
    surfaces: [dockerSurface(model)],
    migrations: artifactRegistryMigrations,
    reconcilers: reconcilers(model),
    stop: model.outbox.stop,
  };
}
