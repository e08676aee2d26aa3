import { ArtifactRegistry } from "../../../gen/google/devtools/artifactregistry/v1/service_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import { requestedEntityNotFound } from "../errors.ts";
import { toDockerImage } from "../images/messages.ts";
import type { RegistryModel } from "../model.ts";
import { parseDockerImageName } from "./names.ts";

/** Google: service.proto, GetDockerImage. */
export const getDockerImage = ({ imageStore }: RegistryModel) =>
  rpc(
    ArtifactRegistry.method.getDockerImage,
    { permission: "artifactregistry.dockerimages.get", audit: "DATA_READ" },
    async ({ name }) => {
      const { digest, ...place } = parseDockerImageName(name, "name");
      const row = await imageStore.getManifest(place, digest);
      if (!row) throw requestedEntityNotFound(name);
      return toDockerImage(place.repository, row, await imageStore.listTags(place.repository, place.image));
    },
  );
