import { createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { DistributionClient } from "../../oci/distribution/client.ts";
import { RegistryClientError } from "../../oci/distribution/registry-client-error.ts";
import { type PushLayer, pushImage } from "../../oci/distribution/push-image.ts";
import { formatEnv, type ImageConfigFile, parseEnv } from "../../oci/image-config.ts";
import type { Descriptor, Manifest } from "../../oci/manifest.ts";
import { mediaTypes } from "../../oci/media-types.ts";
import { type ImageReference, parseReference } from "../../oci/reference.ts";
import type { LayerArchive, LifecycleResult } from "../lifecycle/exchange.ts";
import { imageLabels } from "./labels.ts";

/** The run image as the registry has it. */
export interface RunImageManifest {
  /** The name it was asked for by. */
  readonly name: string;
  /** Digest reference. */
  readonly reference: string;
  readonly manifest: Manifest;
  readonly config: ImageConfigFile;
}

export interface AppImage {
  readonly runImage: RunImageManifest;
  readonly result: LifecycleResult;
  /** Digest, size and, when the registry may lack it, file of a layer's archive. */
  readonly archiveOf: (archive: LayerArchive) => {
    readonly digest: string;
    readonly size: number;
    readonly file: string;
  };
  /** USER of the image if the run image names none. */
  readonly user: string;
}

/** The one creation time of every image, as Cloud Native Buildpacks have it. */
const CREATED = "1980-01-01T00:00:01Z";
const APP_DIR = "/workspace";

/** Puts the image together and pushes it to each destination; resolves with the digest of its manifest, "" without any. */
export async function pushAppImage(
  client: DistributionClient,
  destinations: readonly string[],
  image: AppImage,
  workFolder: string,
  signal: AbortSignal,
): Promise<string> {
  const inImage = image.result.archives.filter(({ launch }) => launch);
  const layers = inImage.map((archive): PushLayer => {
    const { digest, size, file } = image.archiveOf(archive);
    return { descriptor: { mediaType: mediaTypes.layerGzip, digest, size }, diffId: archive.diffId, source: { file } };
  });
  const config = appConfig(image, inImage);
  // One push per host, because layers can be taken over only from the same host.
  const hosts = Map.groupBy(destinations, (destination) => parseReference(destination).host);
  let digest = "";
  for (const references of hosts.values()) {
    const [source, destination] = [parseReference(image.runImage.reference), parseReference(references[0]!)];
    const base = await runImageLayers(image.runImage, { client, source, destination, workFolder, signal });
    ({ digest } = await pushImage(client, references, { layers: [...base, ...layers], config }, signal));
  }
  return digest;
}

function appConfig(
  { runImage, result, user }: AppImage,
  archives: readonly LayerArchive[],
): Omit<ImageConfigFile, "rootfs"> {
  const { config: base } = runImage;
  const topLayer = base.rootfs.diff_ids.at(-1) ?? "";
  const env = parseEnv(base.config?.Env ?? []);
  const { defaultProcess, processes } = result;
  const isKnown = processes.some(({ type }) => type === defaultProcess);
  const labels = imageLabels(result, { image: runImage.name, reference: runImage.reference, topLayer });
  return {
    architecture: base.architecture,
    os: base.os,
    created: CREATED,
    config: {
      ...base.config,
      User: base.config?.User || user,
      Env: formatEnv({
        ...env,
        PATH: `/cnb/process:${env["PATH"] ?? "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}`,
        CNB_LAYERS_DIR: "/layers",
        CNB_APP_DIR: APP_DIR,
      }),
      Entrypoint: [isKnown ? `/cnb/process/${defaultProcess}` : "/cnb/lifecycle/launcher"],
      Cmd: null,
      WorkingDir: APP_DIR,
      Labels: { ...base.config?.Labels, ...labels },
    },
    history: [
      ...(base.history ?? base.rootfs.diff_ids.map(() => ({ created: CREATED }))),
      ...archives.map(({ createdBy }) => ({ created: CREATED, created_by: createdBy })),
    ],
  };
}

interface Transfer {
  readonly client: DistributionClient;
  readonly source: ImageReference;
  readonly destination: ImageReference;
  readonly workFolder: string;
  readonly signal: AbortSignal;
}

/** Layers of the run image: those on the same host are taken over, those on another one are copied. */
async function runImageLayers(runImage: RunImageManifest, transfer: Transfer): Promise<PushLayer[]> {
  const isSameHost = transfer.source.host === transfer.destination.host;
  const layers: PushLayer[] = [];
  for (const [index, descriptor] of runImage.manifest.layers.entries()) {
    const layer = { descriptor, diffId: runImage.config.rootfs.diff_ids[index]! };
    const origin = isSameHost ? { mountFrom: transfer.source.repository } : await bringOver(transfer, descriptor);
    layers.push({ ...layer, ...origin });
  }
  return layers;
}

/** Makes a blob of another host available: one registry may answer for both, otherwise it is downloaded. */
async function bringOver(transfer: Transfer, descriptor: Descriptor): Promise<Pick<PushLayer, "source">> {
  const { client, source, destination, signal } = transfer;
  try {
    await client.pushBlob(destination, descriptor, undefined, { mountFrom: source.repository, signal });
    return {};
  } catch (error) {
    if (!(error instanceof RegistryClientError)) throw error;
    return { source: { file: await download(transfer, descriptor) } };
  }
}

async function download({ client, source, workFolder, signal }: Transfer, { digest }: Descriptor): Promise<string> {
  const file = join(workFolder, digest.replace(":", "-"));
  await rm(file, { force: true });
  await pipeline(await client.openBlob(source, digest, signal), createWriteStream(file), { signal });
  return file;
}
