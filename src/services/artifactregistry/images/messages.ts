import { create, type JsonObject } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  type DockerImage,
  DockerImageSchema,
  ImageManifestSchema,
} from "../../../gen/google/devtools/artifactregistry/v1/artifact_pb.js";
import { type Package, PackageSchema } from "../../../gen/google/devtools/artifactregistry/v1/package_pb.js";
import { type Tag, TagSchema } from "../../../gen/google/devtools/artifactregistry/v1/tag_pb.js";
import { type Version, VersionSchema } from "../../../gen/google/devtools/artifactregistry/v1/version_pb.js";
import { isIndexType } from "../../../oci/media-types.ts";
import type { Index } from "../../../oci/manifest.ts";
import { dockerImageName, imageUri, packageName, tagName, versionName } from "./place.ts";
import type { ManifestRow, TagRow } from "./store.ts";

/** A manifest as a Docker image with the tags that point at it. */
export function toDockerImage(repository: string, row: ManifestRow, tags: readonly TagRow[]): DockerImage {
  const place = { repository, image: row.image };
  return create(DockerImageSchema, {
    name: dockerImageName(place, row.digest),
    uri: imageUri(place, row.digest),
    tags: tagsOf(row, tags).map(({ tag }) => tag),
    imageSizeBytes: BigInt(row.imageSizeBytes),
    mediaType: row.mediaType,
    artifactType: row.artifactType ?? "",
    uploadTime: timestampFromMs(row.uploadTimeMs),
    updateTime: timestampFromMs(row.updateTimeMs),
    ...(row.buildTimeMs !== undefined && { buildTime: timestampFromMs(row.buildTimeMs) }),
    imageManifests: imageManifestsOf(row),
  });
}

/** A manifest as a version; the full view has its tags. */
export function toVersion(repository: string, row: ManifestRow, tags: readonly TagRow[], full: boolean): Version {
  const place = { repository, image: row.image };
  return create(VersionSchema, {
    name: versionName(place, row.digest),
    createTime: timestampFromMs(row.uploadTimeMs),
    updateTime: timestampFromMs(row.updateTimeMs),
    relatedTags: full ? tagsOf(row, tags).map((tag) => toTag(repository, tag)) : [],
    metadata: metadataOf(repository, row),
  });
}

export function toTag(repository: string, { image, tag, digest }: TagRow): Tag {
  const place = { repository, image };
  return create(TagSchema, { name: tagName(place, tag), version: versionName(place, digest) });
}

/** The package of an image that has these manifests. */
export function toPackage(repository: string, image: string, manifests: readonly ManifestRow[]): Package {
  return create(PackageSchema, {
    name: packageName({ repository, image }),
    createTime: timestampFromMs(Math.min(...manifests.map(({ uploadTimeMs }) => uploadTimeMs))),
    updateTime: timestampFromMs(Math.max(...manifests.map(({ updateTimeMs }) => updateTimeMs))),
  });
}

function tagsOf({ image, digest }: ManifestRow, tags: readonly TagRow[]): TagRow[] {
  return tags.filter((tag) => tag.image === image && tag.digest === digest);
}

function metadataOf(repository: string, row: ManifestRow): JsonObject {
  return {
    name: dockerImageName({ repository, image: row.image }, row.digest),
    imageSizeBytes: String(row.imageSizeBytes),
    mediaType: row.mediaType,
    ...(row.buildTimeMs !== undefined && { buildTime: new Date(row.buildTimeMs).toISOString() }),
  };
}

function imageManifestsOf({ mediaType, content }: ManifestRow) {
  if (!isIndexType(mediaType)) return [];
  const { manifests } = JSON.parse(Buffer.from(content).toString("utf8")) as Index;
  return manifests.map(({ digest, mediaType, platform }) =>
    create(ImageManifestSchema, {
      digest,
      mediaType,
      architecture: platform?.architecture ?? "",
      os: platform?.os ?? "",
      variant: platform?.variant ?? "",
    }),
  );
}
