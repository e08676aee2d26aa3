import { ArtifactRegistry } from "../../../gen/google/devtools/artifactregistry/v1/service_pb.js";
import type { Tag } from "../../../gen/google/devtools/artifactregistry/v1/tag_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import { parseFilter } from "../filter.ts";
import { toTag } from "../images/messages.ts";
import type { RegistryModel } from "../model.ts";
import { pagedList } from "../paged-list.ts";
import { assertRepository } from "./assert-repository.ts";
import { parsePackageName } from "./names.ts";

/** Google: service.proto, ListTags. */
export const listTags = (model: RegistryModel) =>
  rpc(
    ArtifactRegistry.method.listTags,
    { permission: "artifactregistry.tags.list", audit: "DATA_READ" },
    async (request) => {
      const { repository, image } = parsePackageName(request.parent, "parent");
      await assertRepository(model, repository);
      const tags = (await model.imageStore.listTags(repository, image)).map((row) => toTag(repository, row));
      const fieldOf = (tag: Tag, field: string) => (field === "name" ? tag.name : tag.version);
      const wanted = tags.filter(parseFilter(request.filter, ["name", "version"], fieldOf));
      const { page, nextPageToken } = pagedList("listTags", request, wanted);
      return { tags: page, nextPageToken };
    },
  );
