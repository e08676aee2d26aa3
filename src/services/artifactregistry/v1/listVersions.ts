import { timestampMs } from "@bufbuild/protobuf/wkt";
import { ArtifactRegistry } from "../../../gen/google/devtools/artifactregistry/v1/service_pb.js";
import { type Version, VersionView } from "../../../gen/google/devtools/artifactregistry/v1/version_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import { parseFilter } from "../filter.ts";
import { toVersion } from "../images/messages.ts";
import type { RegistryModel } from "../model.ts";
import { pagedList, type SortKeys } from "../paged-list.ts";
import { assertRepository } from "./assert-repository.ts";
import { parsePackageName } from "./names.ts";

const SORT_KEYS: SortKeys<Version> = {
  create_time: ({ createTime }) => (createTime ? timestampMs(createTime) : 0),
  update_time: ({ updateTime }) => (updateTime ? timestampMs(updateTime) : 0),
};

/** Google: service.proto, ListVersions. */
export const listVersions = (model: RegistryModel) =>
  rpc(
    ArtifactRegistry.method.listVersions,
    { permission: "artifactregistry.versions.list", audit: "DATA_READ" },
    async (request) => {
      const { repository, image } = parsePackageName(request.parent, "parent");
      await assertRepository(model, repository);
      const tags = await model.imageStore.listTags(repository, image);
      const manifests = await model.imageStore.listManifests(repository, image);
      const full = request.view === VersionView.FULL;
      const versions = manifests.map((row) => toVersion(repository, row, tags, full));
      const wanted = versions.filter(parseFilter(request.filter, ["name"], ({ name }) => name));
      const { page, nextPageToken } = pagedList("listVersions", request, wanted, SORT_KEYS);
      return { versions: page, nextPageToken };
    },
  );
