import { ArtifactRegistry } from "../../../gen/google/devtools/artifactregistry/v1/service_pb.js";
import { VersionView } from "../../../gen/google/devtools/artifactregistry/v1/version_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import { requestedEntityNotFound } from "../errors.ts";
import { toVersion } from "../images/messages.ts";
import type { RegistryModel } from "../model.ts";
import { parseChildName } from "./names.ts";

/** Google: service.proto, GetVersion. */
export const getVersion = ({ imageStore }: RegistryModel) =>
  rpc(
    ArtifactRegistry.method.getVersion,
    { permission: "artifactregistry.versions.get", audit: "DATA_READ" },
    async ({ name, view }) => {
      const { repository, image, id } = parseChildName(name, "versions", "name");
      const row = await imageStore.getManifest({ repository, image }, id);
      if (!row) throw requestedEntityNotFound(name);
      const tags = await imageStore.listTags(repository, image);
      return toVersion(repository, row, tags, view === VersionView.FULL);
    },
  );
