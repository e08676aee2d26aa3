import { ArtifactRegistry } from "../../../gen/google/devtools/artifactregistry/v1/service_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import { requestedEntityNotFound } from "../errors.ts";
import { toTag } from "../images/messages.ts";
import type { RegistryModel } from "../model.ts";
import { parseChildName } from "./names.ts";

/** Google: service.proto, GetTag. */
export const getTag = ({ imageStore }: RegistryModel) =>
  rpc(
    ArtifactRegistry.method.getTag,
    { permission: "artifactregistry.tags.get", audit: "DATA_READ" },
    async ({ name }) => {
      const { id, ...place } = parseChildName(name, "tags", "name");
      const row = await imageStore.getTag(place, id);
      if (!row) throw requestedEntityNotFound(name);
      return toTag(place.repository, row);
    },
  );
