import { timestampMs } from "@bufbuild/protobuf/wkt";
import type { DockerImage } from "../../../gen/google/devtools/artifactregistry/v1/artifact_pb.js";
import { ArtifactRegistry } from "../../../gen/google/devtools/artifactregistry/v1/service_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import { toDockerImage } from "../images/messages.ts";
import type { RegistryModel } from "../model.ts";
import { pagedList, type SortKeys } from "../paged-list.ts";
import { assertRepository } from "./assert-repository.ts";

const SORT_KEYS: SortKeys<DockerImage> = {
  image_size_bytes: ({ imageSizeBytes }) => Number(imageSizeBytes),
  upload_time: ({ uploadTime }) => (uploadTime ? timestampMs(uploadTime) : 0),
  update_time: ({ updateTime }) => (updateTime ? timestampMs(updateTime) : 0),
  build_time: ({ buildTime }) => (buildTime ? timestampMs(buildTime) : 0),
  media_type: ({ mediaType }) => mediaType,
};

/** Google: service.proto, ListDockerImages. */
export const listDockerImages = (model: RegistryModel) =>
  rpc(
    ArtifactRegistry.method.listDockerImages,
    { permission: "artifactregistry.dockerimages.list", audit: "DATA_READ" },
    async (request) => {
      const { parent } = request;
      await assertRepository(model, parent);
      const tags = await model.imageStore.listTags(parent);
      const manifests = await model.imageStore.listManifests(parent);
      // What is attached to an image is none itself: signatures, provenance, SBOMs.
      const own = manifests.filter(({ subject }) => subject === undefined);
      const images = own.map((row) => toDockerImage(parent, row, tags));
      const { page, nextPageToken } = pagedList("listDockerImages", request, images, SORT_KEYS);
      return { dockerImages: page, nextPageToken };
    },
  );
