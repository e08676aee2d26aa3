import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { testTools } from "../../instances/host/testing/test-tools.ts";
import type { Sandboxes } from "../../instances/sandbox.ts";
import { createSandboxes } from "../../instances/sandboxes/sandboxes.ts";
import { createBaseImages } from "../../oci/base/base-images.ts";
import { createDistributionClient, type DistributionClient } from "../../oci/distribution/client.ts";
import { createFileStorage } from "../../oci/distribution/file-storage.ts";
import { createRegistryHandler } from "../../oci/distribution/handler.ts";
import type { RegistryStorage } from "../../oci/distribution/storage.ts";
import { createImageCache } from "../../oci/image-cache.ts";
import type { ImageConfigFile } from "../../oci/image-config.ts";
import { systemClock } from "../../platform/clock.ts";
import { randomIds } from "../../platform/ids.ts";
import { formatJavaTruststore } from "../../platform/java-truststore.ts";
import { silentLog } from "../../platform/log.ts";
import type { Builder, BuilderDeps, BuildOutcome, BuildpackBuildRequest } from "../build.ts";
import { createBuilder } from "../create-builder.ts";
import { hostPackageAccess } from "../package-access/host-package-access.ts";
import type { BuilderImages } from "./bench-parts.ts";
import { type BenchNetworks, hostNetworks, ownNetworks } from "./bench-networks.ts";
import { callImage, type ImageCall } from "./call-image.ts";
import { hostImages } from "./host-image.ts";
import { hostStepImage } from "./host-step-image.ts";
import { type ImageService, type ServedImage, serveImage } from "./serve-image.ts";

/** Builds in real sandboxes, with a real registry; one folder holds everything. */
export interface BuilderBench extends AsyncDisposable {
  readonly folder: string;
  readonly builder: Builder;
  readonly client: DistributionClient;
  /** Builds a source folder; resolves with the outcome and the log. */
  build(source: string, changes?: Partial<BuildpackBuildRequest>): Promise<{ outcome: BuildOutcome; log: string[] }>;
  /** Makes a source folder of some files, over a copy of another folder if one is given. */
  source(files: Readonly<Record<string, string>>, from?: string): string;
  /** Deletes an image of DESTINATION and its layers from the registry. */
  deleteImage(digest: string): Promise<void>;
  /** Digest reference of a runtime's run image. */
  runImage(runtime: string): Promise<string>;
  /** The configuration of a pushed image. */
  config(digest: string): Promise<ImageConfigFile>;
  /** Starts the default process of a pushed image and resolves with its answer to a request. */
  call(digest: string, call?: ImageCall): Promise<string>;
  /** Starts the default process of a pushed image on port 8080 of a network namespace. */
  serve(digest: string, service?: ImageService): Promise<ServedImage>;
}

export const DESTINATION = "us-central1-docker.pkg.dev/project/repository/image:latest";
const IMAGE = { host: "us-central1-docker.pkg.dev", repository: "project/repository/image" };

/** What a bench builds on: "host" sees the machine's own programs and needs no download; "composed" are the real images. */
export type BenchImages = "composed" | "host";

/** Makes a bench; everything it started and wrote goes away with it. */
export async function createBuilderBench(kind: BenchImages): Promise<BuilderBench> {
  const folder = mkdtempSync(join(tmpdir(), "homerun-build-"));
  chmodSync(folder, 0o755);
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rmSync(folder, { recursive: true, force: true }));
  const tools = await testTools();
  const runtime = tools.runtimes[0]!;
  const shared = { clock: systemClock, ids: randomIds, log: silentLog, dataFolder: folder };
  const sandboxes = stack.use(
    createSandboxes({ ...shared, dataDir: folder, runtime: runtime.path, runtimeKind: runtime.kind }),
  );
  const storage = createFileStorage({ folder: join(folder, "registry"), ids: randomIds });
  const handle = createRegistryHandler({ storage, ids: randomIds });
  const client = createDistributionClient({ fetch: (request) => handle(request, async () => {}), clock: systemClock });
  const cache = createImageCache({ ...shared, client });
  const images = kind === "host" ? await hostImages(client, cache, folder) : composedImages(cache, client, folder);
  const network = kind === "host" ? hostNetworks() : await ownNetworks(folder, tools, stack);
  const packages = await hostPackageAccess(process.env["NODE_EXTRA_CA_CERTS"]);
  const builder = createBuilder({
    ...shared,
    ...images,
    sandboxes,
    registry: client,
    networks: network.networks,
    metadata: { register: () => ({ [Symbol.dispose]() {} }) },
    surroundings: () => ({ env: {}, mounts: images.mounts, resolver: { nameserver: network.nameserver, hosts: {} } }),
    packages: () => Promise.resolve(packages),
    lifecycleNode: realpathSync(process.execPath),
    stepImages: [hostStepImage(images.below)],
  });
  const owned = stack.move();
  return {
    ...benchMethods({ folder, builder, client, storage, images, sandboxes, network }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

interface Parts {
  readonly folder: string;
  readonly builder: Builder;
  readonly client: DistributionClient;
  readonly storage: RegistryStorage;
  readonly images: BuilderImages;
  readonly sandboxes: Pick<Sandboxes, "start">;
  readonly network: BenchNetworks;
}

function composedImages(cache: BuilderDeps["images"], client: DistributionClient, dataFolder: string): BuilderImages {
  // What the machine trusts, as Java reads it.
  const source = join(dataFolder, "bundle.jks");
  const bundle = process.env["NODE_EXTRA_CA_CERTS"] ?? "/etc/ssl/certs/ca-certificates.crt";
  writeFileSync(source, formatJavaTruststore(readFileSync(bundle, "utf8")));
  const mounts = [{ source, destination: "/etc/ssl/certs/java/cacerts", readOnly: true }];
  return { images: cache, baseImages: createBaseImages({ dataFolder, client }), mounts, below: [] };
}

function benchMethods({
  folder,
  builder,
  client,
  storage,
  images,
  sandboxes,
  network,
}: Parts): Omit<BuilderBench, keyof AsyncDisposable> {
  let count = 0;
  return {
    folder,
    builder,
    client,
    async build(sourceFolder, changes = {}) {
      const log: string[] = [];
      const onLogLine = (line: string): void => void log.push(line);
      const outcome = await builder.buildWithBuildpacks({ ...defaultRequest(), sourceFolder, onLogLine, ...changes });
      return { outcome, log };
    },
    source(files, from) {
      const path = join(folder, "sources", String(count++));
      mkdirSync(path, { recursive: true });
      if (from !== undefined) cpSync(from, path, { recursive: true });
      for (const [name, content] of Object.entries(files)) {
        mkdirSync(dirname(join(path, name)), { recursive: true });
        writeFileSync(join(path, name), content);
      }
      return path;
    },
    async deleteImage(digest) {
      const { content } = await client.getManifest({ ...IMAGE, digest });
      const { layers } = JSON.parse(Buffer.from(content).toString()) as { layers: { digest: string }[] };
      await storage.deleteManifest(IMAGE.repository, digest);
      for (const layer of layers) await storage.deleteBlob(IMAGE.repository, layer.digest);
    },
    runImage: (runtime) => images.baseImages.ensureRunImage(runtime, () => {}),
    async config(digest) {
      const { content } = await client.getManifest({ ...IMAGE, digest });
      const { config } = JSON.parse(Buffer.from(content).toString()) as { config: { digest: string } };
      const bytes = await Array.fromAsync(await client.openBlob(IMAGE, config.digest));
      return JSON.parse(Buffer.concat(bytes).toString()) as ImageConfigFile;
    },
    call: (digest, call) => callImage(sandboxes, images, referenceOf(digest), call),
    serve: (digest, service) => serveImage(sandboxes, images, network, referenceOf(digest), service),
  };
}

function referenceOf(digest: string): string {
  return `${IMAGE.host}/${IMAGE.repository}@${digest}`;
}

function defaultRequest(): Omit<BuildpackBuildRequest, "onLogLine" | "sourceFolder"> {
  return {
    id: randomIds.uuid(),
    env: { GOOGLE_RUNTIME: "nodejs22", GOOGLE_FUNCTION_TARGET: "hello", X_GOOGLE_TARGET_PLATFORM: "gcf" },
    runImage: "nodejs22",
    destinations: [DESTINATION],
    cacheKey: "project",
    machine: { cpus: 2, memoryBytes: 2 * 1024 ** 3 },
    timeoutSeconds: 120,
    serviceAccountEmail: "build@project.iam.gserviceaccount.com",
    project: { id: "project", number: "123" },
    location: "us-central1",
    signal: new AbortController().signal,
  };
}
