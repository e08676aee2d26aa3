import type { DistributionClient } from "../../oci/distribution/client.ts";
import { type PushLayer, pushImage } from "../../oci/distribution/push-image.ts";
import { formatEnv, type ImageConfigFile, parseEnv } from "../../oci/image-config.ts";
import { mediaTypes } from "../../oci/media-types.ts";
import { parseReference } from "../../oci/reference.ts";
import type { LayerArchive, LifecycleResult } from "../lifecycle/exchange.ts";
import { copyLayers } from "./copy-layers.ts";
import { imageLabels, sortedLabels } from "./labels.ts";
import type { RunImageManifest } from "./run-image.ts";

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
  { destinations, untagged = false }: { readonly destinations: readonly string[]; readonly untagged?: boolean },
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
    const base = await copyLayers(image.runImage, { client, source, destination, workFolder, signal });
    ({ digest } = await pushImage(client, references, { layers: [...base, ...layers], config, untagged }, signal));
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
  const { mirrors, reference } = runImage;
  const named = {
    image: runImage.image ?? publicName(runImage),
    reference,
    topLayer,
    isRebasable: base.config?.Labels?.["io.buildpacks.rebasable"] !== "false",
    ...(mirrors ? { mirrors } : {}),
  };
  const labels = imageLabels(result, named);
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
      Labels: sortedLabels({ ...base.config?.Labels, ...labels }),
    },
    history: [
      ...(base.history ?? base.rootfs.diff_ids.map(() => ({ created: CREATED }))),
      ...archives.map(({ createdBy }) => ({ created: CREATED, created_by: createdBy })),
    ],
  };
}

/** What others can find the run image by: a runtime's id means something here only. */
function publicName({ name, reference }: RunImageManifest): string {
  const { host, repository } = parseReference(reference);
  return name.includes(".") || name.includes(":") ? name : `${host}/${repository}`;
}
