import type { DistributionClient } from "../../oci/distribution/client.ts";
import { pushImage } from "../../oci/distribution/push-image.ts";
import type { ImageConfigFile, ImageHistory } from "../../oci/image-config.ts";
import { formatReference, parseReference } from "../../oci/reference.ts";
import { copyLayers, type Transfer } from "./copy-layers.ts";
import { type LifecycleMetadata, readLifecycleMetadata, type RunImageMetadata } from "./lifecycle-metadata.ts";
import { sortedLabels } from "./labels.ts";
import { type RegistryImage, readImage } from "./run-image.ts";

export interface RebaseRequest {
  /** Reference of an image that was built with buildpacks; it stays as it is. */
  readonly image: string;
  /** Reference of the run image to put below its layers. */
  readonly runImage: string;
  /** Names to push to, on one registry; the image's repository, under the digest alone, when there are none. */
  readonly tags?: readonly string[];
  /** Goes ahead where the images do not say that they fit each other. */
  readonly force?: boolean;
  readonly signal?: AbortSignal;
}

export interface RebasedImage {
  /** Digest of the new image's manifest; that of the old one when it stands on that run image already. */
  readonly digest: string;
  /** The run image by digest. */
  readonly runImage: string;
}

/** The image was not built with buildpacks, or the run image must not be put below it. */
export class RebaseError extends Error {
  override readonly name = "RebaseError";
}

const CREATED = "1980-01-01T00:00:01Z";
const METADATA = "io.buildpacks.lifecycle.metadata";
/** Labels that say what the run image is. */
const BASE_LABEL = /^io\.buildpacks\.(base|stack)\./;

/**
 * Puts another run image below an image's own layers (platform.md, "rebaser") by writing configuration and manifest
 * anew: no layer is unpacked, and on one registry none is transferred. Rejects with a RebaseError for images that must
 * not be rebased.
 */
export async function rebaseImage(
  client: DistributionClient,
  request: RebaseRequest,
  workFolder: string,
): Promise<RebasedImage> {
  const { tags = [], force = false, signal = new AbortController().signal } = request;
  const [source, runSource] = [parseReference(request.image), parseReference(request.runImage)];
  const [image, runImage] = await Promise.all([
    readImage(client, source, signal),
    readImage(client, runSource, signal),
  ]);
  const metadata = readLifecycleMetadata(image.config.config?.Labels?.[METADATA]);
  if (!metadata) throw new RebaseError(`${request.image} has no label ${METADATA}`);
  const baseLayers = countBaseLayers(image, metadata, request.image);
  if (!force) checkFit(image, runImage, metadata, request);
  const destination = tags[0] === undefined ? source : parseReference(tags[0]);
  const transfer: Omit<Transfer, "source"> = { client, destination, workFolder, signal };
  const own = { manifest: withLayers(image, baseLayers), config: withDiffIds(image, baseLayers) };
  const layers = [
    ...(await copyLayers(runImage, { ...transfer, source: runSource })),
    ...(await copyLayers(own, { ...transfer, source })),
  ];
  const config = rebasedConfig({ image, runImage, metadata, request, baseLayers });
  const { annotations } = image.manifest;
  const pushed = { layers, config, untagged: tags.length === 0, ...(annotations ? { annotations } : {}) };
  const references = tags.length > 0 ? tags : [formatReference(source)];
  const { digest } = await pushImage(client, references, pushed, signal);
  return { digest, runImage: runImage.reference };
}

function countBaseLayers({ config }: RegistryImage, { runImage }: LifecycleMetadata, name: string): number {
  const top = config.rootfs.diff_ids.indexOf(runImage.topLayer);
  if (runImage.topLayer !== "" && top < 0)
    throw new RebaseError(`${name} has no layer ${runImage.topLayer}, which should be the last one of its run image`);
  return top + 1;
}

/** platform.md, "rebaser": what has to hold without force. */
function checkFit(image: RegistryImage, runImage: RegistryImage, metadata: LifecycleMetadata, asked: RebaseRequest) {
  const { image: name, runImage: runName } = asked;
  if (image.config.config?.Labels?.["io.buildpacks.rebasable"] === "false")
    throw new RebaseError(`${name} is not marked as rebasable`);
  const [before, after] = [target(image.config), target(runImage.config)];
  for (const [key, value] of Object.entries(before)) {
    if (value === undefined || after[key] === value) continue;
    throw new RebaseError(`invalid base image target: ${runName} has ${key} "${after[key] ?? ""}", not "${value}"`);
  }
  if (!isNamed(metadata.runImage, runName)) {
    const known = JSON.stringify(metadata.runImage);
    throw new RebaseError(`rebase expects the run image ${runName} to be among those of ${name}: ${known}`);
  }
}

function target({ os, architecture, variant, config }: ImageConfigFile): Record<string, string | undefined> {
  const label = (key: string): string | undefined =>
    config?.Labels?.[`io.buildpacks.base.distro.${key}`] ?? config?.Labels?.[`io.buildpacks.stack.distro.${key}`];
  const distro = { "distribution name": label("name"), "distribution version": label("version") };
  return { os, architecture, variant, ...distro };
}

/** Whether a run image is one of those that the image was built for; tags and digests do not matter. */
function isNamed({ image, mirrors = [], reference }: RunImageMetadata, wanted: string): boolean {
  return [image, ...mirrors, reference].some((name) => repositoryOf(name) === repositoryOf(wanted));
}

function repositoryOf(name: string): string {
  try {
    const { host, repository } = parseReference(name);
    return `${host}/${repository}`;
  } catch {
    return name;
  }
}

interface Rebase {
  readonly image: RegistryImage;
  readonly runImage: RegistryImage;
  readonly metadata: LifecycleMetadata;
  readonly request: RebaseRequest;
  readonly baseLayers: number;
}

function rebasedConfig({ image, runImage, metadata, request, baseLayers }: Rebase): Omit<ImageConfigFile, "rootfs"> {
  const { rootfs: _, ...old } = image.config;
  const labels = Object.entries(old.config?.Labels ?? {}).filter(([key]) => !BASE_LABEL.test(key));
  const baseLabels = Object.entries(runImage.config.config?.Labels ?? {}).filter(([key]) => BASE_LABEL.test(key));
  const isKnown = isNamed(metadata.runImage, request.runImage);
  const named: RunImageMetadata = isKnown
    ? metadata.runImage
    : { image: request.runImage, topLayer: "", reference: "" };
  const topLayer = runImage.config.rootfs.diff_ids.at(-1) ?? "";
  const updated = { ...named, topLayer, reference: runImage.reference };
  return {
    ...old,
    created: CREATED,
    architecture: runImage.config.architecture,
    os: runImage.config.os,
    ...(runImage.config.variant === undefined ? {} : { variant: runImage.config.variant }),
    config: {
      ...old.config,
      Labels: sortedLabels({
        ...Object.fromEntries([...labels, ...baseLabels]),
        [METADATA]: JSON.stringify({ ...metadata, runImage: updated }),
      }),
    },
    history: [...historyOf(runImage.config), ...withoutBase(historyOf(image.config), baseLayers)],
  };
}

function historyOf({ history, rootfs }: ImageConfigFile): readonly ImageHistory[] {
  return history ?? rootfs.diff_ids.map(() => ({ created: CREATED }));
}

/** The entries above those of the base layers; entries without a layer of their own do not count. */
function withoutBase(history: readonly ImageHistory[], baseLayers: number): readonly ImageHistory[] {
  let seen = 0;
  return history.slice(history.findIndex((entry) => !entry.empty_layer && ++seen === baseLayers) + 1);
}

function withLayers({ manifest }: RegistryImage, baseLayers: number): RegistryImage["manifest"] {
  return { ...manifest, layers: manifest.layers.slice(baseLayers) };
}

function withDiffIds({ config }: RegistryImage, baseLayers: number): ImageConfigFile {
  return { ...config, rootfs: { ...config.rootfs, diff_ids: config.rootfs.diff_ids.slice(baseLayers) } };
}
