import {
  type Build,
  type BuiltImage,
  Build_Status as Status,
} from "../../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";

/** Images that Container Analysis knows of; the project is the first group. */
const ARTIFACT_REGISTRY = /^[a-z0-9-]+-docker\.pkg\.dev\/([^/]+)\//;

/** The images in Artifact Registry that a build made, each once however many tags it has; none unless it succeeded. */
export function imagesToVouchFor(build: Build | undefined): BuiltImage[] {
  if (build?.status !== Status.SUCCESS) return [];
  const images = (build.results?.images ?? []).filter(({ name }) => ARTIFACT_REGISTRY.test(name));
  return [...new Map(images.toReversed().map((image) => [referenceOf(image), image])).values()].toReversed();
}

/** The image by digest, without its tag. */
export function referenceOf({ name, digest }: BuiltImage): string {
  return `${nameOf({ name })}@${digest}`;
}

/** The image without tag and digest. */
export function nameOf({ name }: Pick<BuiltImage, "name">): string {
  return name.replace(/(:[\w.-]+)?(@.*)?$/, "");
}

/** The project whose repository has the image. */
export function projectOf({ name }: Pick<BuiltImage, "name">): string {
  return ARTIFACT_REGISTRY.exec(name)?.[1] ?? "";
}
