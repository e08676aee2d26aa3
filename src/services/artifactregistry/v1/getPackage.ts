import { ArtifactRegistry } from "../../../gen/google/devtools/artifactregistry/v1/service_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import { requestedEntityNotFound } from "../errors.ts";
import { toPackage } from "../images/messages.ts";
import type { RegistryModel } from "../model.ts";
import { parsePackageName } from "./names.ts";

/** Google: service.proto, GetPackage. */
export const getPackage = ({ imageStore }: RegistryModel) =>
  rpc(
    ArtifactRegistry.method.getPackage,
    { permission: "artifactregistry.packages.get", audit: "DATA_READ" },
    async ({ name }) => {
      const { repository, image } = parsePackageName(name, "name");
      const manifests = await imageStore.listManifests(repository, image);
      if (manifests.length === 0) throw requestedEntityNotFound(name);
      return toPackage(repository, image, manifests);
    },
  );
