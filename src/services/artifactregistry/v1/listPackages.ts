import { ArtifactRegistry } from "../../../gen/google/devtools/artifactregistry/v1/service_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import { parseFilter } from "../filter.ts";
import { toPackage } from "../images/messages.ts";
import type { RegistryModel } from "../model.ts";
import { pagedList } from "../paged-list.ts";
import { assertRepository } from "./assert-repository.ts";

/** Google: service.proto, ListPackages. */
export const listPackages = (model: RegistryModel) =>
  rpc(
    ArtifactRegistry.method.listPackages,
    { permission: "artifactregistry.packages.list", audit: "DATA_READ" },
    async (request) => {
      const { parent } = request;
      await assertRepository(model, parent);
      const byImage = Map.groupBy(await model.imageStore.listManifests(parent), ({ image }) => image);
      const packages = [...byImage].map(([image, manifests]) => toPackage(parent, image, manifests));
      const wanted = packages.filter(parseFilter(request.filter, ["name"], ({ name }) => name));
      const { page, nextPageToken } = pagedList("listPackages", request, wanted);
      return { packages: page, nextPageToken };
    },
  );
