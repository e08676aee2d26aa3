import { execFileSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { installedRuntimes } from "../../instances/sandboxes/testing/host-layer.ts";
import { createSandboxes } from "../../instances/sandboxes/sandboxes.ts";
import { createDistributionClient, type DistributionClient } from "../../oci/distribution/client.ts";
import { createFileStorage } from "../../oci/distribution/file-storage.ts";
import { createRegistryHandler } from "../../oci/distribution/handler.ts";
import { pushImage } from "../../oci/distribution/push-image.ts";
import type { ImageConfigFile } from "../../oci/image-config.ts";
import { createImageCache } from "../../oci/image-cache.ts";
import { fileEntry } from "../../oci/layers/layer-entry.ts";
import { writeLayer } from "../../oci/layers/write-layer.ts";
import type { ImageCache, UnpackedImage } from "../../oci/oci.ts";
import { systemClock } from "../../platform/clock.ts";
import { randomIds } from "../../platform/ids.ts";
import { silentLog } from "../../platform/log.ts";
import type { Builder, BuildOutcome, BuildpackBuildRequest, PackageAccess } from "../build.ts";
import { createBuilder } from "../create-builder.ts";

/** Builds in real sandboxes that see the host's own programs, and a real registry; one folder holds everything. */
export interface BuilderBench extends AsyncDisposable {
  readonly folder: string;
  readonly builder: Builder;
  readonly client: DistributionClient;
  readonly images: ImageCache;
  /** Builds a source folder; resolves with the outcome and the log. */
  build(source: string, changes?: Partial<BuildpackBuildRequest>): Promise<{ outcome: BuildOutcome; log: string[] }>;
  /** Copies an example or a test project, so that a test can change it. */
  source(files: Readonly<Record<string, string>>, from?: string): string;
  /** Deletes everything that the registry holds in the repository of DESTINATION. */
  emptyRepository(digest: string): Promise<void>;
  /** The configuration of a pushed image. */
  config(digest: string): Promise<ImageConfigFile>;
  /** Starts the default process of a pushed image and resolves with its answer to a request. */
  call(digest: string, init?: RequestInit, env?: Readonly<Record<string, string>>): Promise<string>;
}

export const DESTINATION = "registry.test/project/repository/image:latest";
const RUN_IMAGE = "registry.test/base/run";
const BUILD_USER = "1000";

/** Makes a bench; everything it started and wrote goes away with it. */
export async function createBuilderBench(): Promise<BuilderBench> {
  const folder = mkdtempSync(join(tmpdir(), "homerun-build-"));
  chmodSync(folder, 0o755);
  const stack = new AsyncDisposableStack();
  stack.defer(() => rmSync(folder, { recursive: true, force: true }));
  const shared = { clock: systemClock, ids: randomIds, log: silentLog, dataFolder: folder };
  const runtime = installedRuntimes()[0]!;
  const sandboxes = stack.use(
    createSandboxes({ ...shared, dataDir: folder, runtime: runtime.path, runtimeKind: runtime.kind }),
  );
  const storage = createFileStorage({ folder: join(folder, "registry"), ids: randomIds });
  const handle = createRegistryHandler({ storage, ids: randomIds });
  const client = createDistributionClient({ fetch: (request) => handle(request, async () => {}), clock: systemClock });
  const images = createImageCache({ ...shared, client });
  const run = await pushRunImage(client, folder);
  const hostImage = makeHostImage(join(folder, "host-image"));
  const builder = createBuilder({
    ...shared,
    sandboxes,
    client,
    registry: client,
    images: { ensure: (reference) => (reference === "host" ? Promise.resolve(hostImage) : images.ensure(reference)) },
    baseImages: { ensureRunImage: () => Promise.resolve(run), ensureBuildImage: () => Promise.resolve("host") },
    networks: { acquire: () => Promise.resolve(hostNetwork()) },
    metadata: { register: () => ({ [Symbol.dispose]() {} }) },
    surroundings: () => ({ env: {}, mounts: HOST_MOUNTS, resolver: { nameserver: hostNameserver(), hosts: {} } }),
    packages: hostPackageAccess(),
    lifecycleNode: realpathSync(process.execPath),
  } as Parameters<typeof createBuilder>[0]);
  let count = 0;
  return {
    folder,
    builder,
    client,
    images,
    async build(source, changes = {}) {
      const log: string[] = [];
      const outcome = await builder.buildWithBuildpacks({
        id: randomIds.uuid(),
        sourceFolder: source,
        env: { GOOGLE_RUNTIME: "nodejs20", GOOGLE_FUNCTION_TARGET: "hello", X_GOOGLE_TARGET_PLATFORM: "gcf" },
        runImage: "nodejs20",
        destinations: [DESTINATION],
        cacheKey: "project",
        machine: { cpus: 2, memoryBytes: 2 * 1024 ** 3 },
        timeoutSeconds: 120,
        serviceAccountEmail: "build@project.iam.gserviceaccount.com",
        project: { id: "project", number: "123" },
        location: "us-central1",
        onLogLine: (line) => log.push(line),
        signal: new AbortController().signal,
        ...changes,
      });
      return { outcome, log };
    },
    source(files, from) {
      const path = join(folder, "sources", String(count++));
      if (from !== undefined) cpSync(from, path, { recursive: true });
      for (const [name, content] of Object.entries(files)) {
        mkdirSync(dirname(join(path, name)), { recursive: true });
        writeFileSync(join(path, name), content);
      }
      return path;
    },
    async emptyRepository(digest) {
      const repository = "project/repository/image";
      const { content } = await client.getManifest({ host: "registry.test", repository, digest });
      const { layers } = JSON.parse(Buffer.from(content).toString()) as { layers: { digest: string }[] };
      await storage.deleteManifest(repository, digest);
      for (const layer of layers) await storage.deleteBlob(repository, layer.digest);
    },
    async config(digest) {
      const reference = { host: "registry.test", repository: "project/repository/image", digest };
      const { config } = JSON.parse(Buffer.from((await client.getManifest(reference)).content).toString()) as {
        config: { digest: string };
      };
      const content = await Array.fromAsync(await client.openBlob(reference, config.digest));
      return JSON.parse(Buffer.concat(content).toString()) as ImageConfigFile;
    },
    async call(digest, init = {}, env = {}) {
      const image = await images.ensure(`registry.test/project/repository/image@${digest}`);
      const port = await freePort();
      const output: Buffer[] = [];
      await using sandbox = await sandboxes.start({
        id: `call-${randomIds.uuid()}`,
        layers: [...hostImage.layers, ...image.layers],
        args: image.config.entrypoint,
        env: { ...image.config.env, ...env, PORT: String(port) },
        cwd: image.config.workingDir,
        user: { uid: Number(BUILD_USER), gid: Number(BUILD_USER) },
        hostname: "localhost",
        mounts: HOST_MOUNTS,
        limits: { memoryBytes: 512 * 1024 ** 2, cpus: 2, pids: 100 },
        network: { namespacePath: hostNetwork().namespacePath },
        writableRoot: "memory",
        onOutput: (_, chunk) => output.push(chunk),
      });
      const end = new AbortController();
      void sandbox.exited.then(({ exitCode }) =>
        end.abort(new Error(`the process ended with ${exitCode}: ${Buffer.concat(output).toString()}`)),
      );
      return await answerOf(`http://127.0.0.1:${port}/`, init, end.signal);
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** The text of an answer, asking until somebody listens. */
async function answerOf(url: string, init: RequestInit, signal: AbortSignal): Promise<string> {
  for (;;) {
    try {
      return await (await fetch(url, { ...init, signal })).text();
    } catch {
      await systemClock.sleep(20, signal);
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

const HOST_MOUNTS = [
  { source: "/usr", destination: "/usr", readOnly: true },
  { source: "/etc/ssl", destination: "/etc/ssl", readOnly: true },
];

/** A root file system into which the host's /usr is mounted. */
function makeHostImage(folder: string): UnpackedImage {
  for (const name of ["proc", "dev", "sys", "tmp", "etc/ssl", "usr"])
    mkdirSync(join(folder, name), { recursive: true });
  for (const name of ["bin", "sbin", "lib", "lib64"]) symlinkSync(`usr/${name}`, join(folder, name));
  chmodSync(join(folder, "tmp"), 0o1777);
  writeFileSync(
    join(folder, "etc", "passwd"),
    `root:x:0:0::/root:/bin/sh\ncnb:x:${BUILD_USER}:${BUILD_USER}::/home/cnb:/bin/sh\n`,
  );
  const env = { PATH: "/usr/local/bin:/usr/bin:/bin", CNB_USER_ID: BUILD_USER, CNB_GROUP_ID: BUILD_USER };
  const config = { env, entrypoint: [], cmd: [], workingDir: "/", user: BUILD_USER, labels: {}, diffIds: [] };
  return { digest: "", config, layers: [folder] };
}

async function pushRunImage(client: DistributionClient, folder: string): Promise<string> {
  const layer = await writeLayer([fileEntry("etc/base", "run image")], join(folder, "run.tar.gz"));
  const { digest } = await pushImage(client, [`${RUN_IMAGE}:latest`], {
    layers: [{ descriptor: layer.descriptor, diffId: layer.diffId, source: { file: layer.file } }],
    config: {
      architecture: "amd64",
      os: "linux",
      config: { User: "1000", Env: ["PATH=/usr/bin:/bin", "LANG=C.UTF-8"] },
    },
  });
  return `${RUN_IMAGE}@${digest}`;
}

function hostNetwork() {
  return {
    namespacePath: "/proc/self/ns/net",
    address: "127.0.0.1",
    gateway: "127.0.0.1",
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

function hostNameserver(): string {
  return /^nameserver\s+(\S+)/m.exec(readFileSync("/etc/resolv.conf", "utf8"))?.[1] ?? "127.0.0.1";
}

/** npm's own settings on this machine. */
function hostPackageAccess(): PackageAccess {
  const get = (name: string): string =>
    execFileSync("npm", ["config", "get", name], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  const [registry, cafile] = [get("registry"), get("cafile")];
  const npmrc = [
    `registry=${registry}`,
    ...(cafile.startsWith("/") ? [`cafile=${cafile}`] : []),
    "cache=/cache/npm",
    "update-notifier=false",
  ];
  return { env: {}, homeFiles: { ".npmrc": `${npmrc.join("\n")}\n` } };
}
