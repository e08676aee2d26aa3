import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BootedApi, bootApi, type BootOptions } from "./boot-api.ts";
import type { Builder, BuilderDeps, BuildOutcome, BuildpackBuildRequest } from "../../src/build/build.ts";
import { runBuildSteps } from "../../src/build/steps/run-build-steps.ts";
import type { BuildStepsOutcome, BuildStepsRequest } from "../../src/build/steps/steps.ts";
import { type Clock, systemClock } from "../../src/platform/clock.ts";
import { Storage } from "../../src/gen/google/storage/v2/storage_pb.js";
import type { ServiceDeps } from "../../src/wire/service-deps.ts";
import type { ServiceModule } from "../../src/wire/service-module.ts";
import { storage } from "../../src/services/storage/module.ts";
import { containeranalysis } from "../../src/services/containeranalysis/module.ts";
import { sealOf } from "../../src/platform/seal.ts";
import { secretmanager } from "../../src/services/secretmanager/module.ts";
import { attestationParts } from "./attestations.ts";
import { quietLogging } from "./quiet-logging.ts";
import { cloudbuild } from "../../src/services/cloudbuild/module.ts";

const AGENT = { kind: "serviceAgent", email: "test@example.com" } as const;

/** A builder for tests: really reads the source folder; the image's digest is the digest of the files. */
export interface TestBuilder extends Builder {
  readonly requests: BuildpackBuildRequest[];
  /** What the next builds do in place of succeeding. */
  behave: (request: BuildpackBuildRequest) => Promise<BuildOutcome>;
}

/** Makes a builder that succeeds until told otherwise. */
export function createTestBuilder(): TestBuilder {
  const requests: BuildpackBuildRequest[] = [];
  return {
    requests,
    behave: buildFromFiles,
    buildWithBuildpacks(request) {
      requests.push(request);
      return this.behave(request);
    },
    runBuildSteps(request) {
      return runPackSteps((build) => this.buildWithBuildpacks(build), request);
    },
    rebaseImage: () => Promise.reject(new Error("this builder rebases nothing")),
    async removeLeftovers() {},
  };
}

/** Runs builds whose steps are all `pack`, in the real order of steps, with something else in place of the lifecycle. */
export function runPackSteps(
  buildWithBuildpacks: Builder["buildWithBuildpacks"],
  request: BuildStepsRequest,
  clock: Clock = systemClock,
): Promise<BuildStepsOutcome> {
  const deps = { clock, packages: async () => ({ env: {}, homeFiles: {}, mounts: [] }) } as unknown as BuilderDeps;
  const workFolder = (id: string) => join(tmpdir(), `homerun-steps-${process.pid}-${id}`);
  return runBuildSteps({ deps, workFolder, buildWithBuildpacks }, request);
}

/** Succeeds with a digest made from the names and contents of the source. */
export async function buildFromFiles(request: BuildpackBuildRequest): Promise<BuildOutcome> {
  const folder = join(request.sourceFolder, request.sourcePath ?? "");
  const names = (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const hash = createHash("sha256");
  for (const name of names) hash.update(name.slice(folder.length)).update(await readFile(name));
  request.onLogLine(`built ${names.length} files`);
  const digest = `sha256:${hash.digest("hex")}`;
  const images = request.destinations.map((name) => ({ name, digest }));
  return { status: "SUCCESS", images, runImage: request.runImage, phases: [{ name: "build", startMs: 1, endMs: 2 }] };
}

/** Cloud Build and Cloud Storage, and `others` (a Cloud Logging that drops entries), over the real wire. */
export async function bootCloudBuild(
  builder: TestBuilder,
  {
    parallelBuilds,
    others = [quietLogging()],
    ...boot
  }: BootOptions & {
    parallelBuilds?: number;
    others?: ServiceModule[] | ((deps: ServiceDeps) => ServiceModule[]);
  } = {},
): Promise<BootedApi> {
  const workFolder = await mkdtemp(join(tmpdir(), "homerun-builds-"));
  const seal = sealOf(randomBytes(32));
  const api = await bootApi((deps) => {
    const host = { cpus: 2, memoryBytes: 4 * 1024 ** 3 };
    const options = {
      ...deps,
      ...attestationParts(),
      builder,
      workFolder,
      host,
      ...(parallelBuilds && { parallelBuilds }),
    };
    return [
      storage({ ...deps, publicKeysOf: async () => [] }),
      cloudbuild(options),
      containeranalysis(deps),
      secretmanager({ ...deps, seal }),
      ...(typeof others === "function" ? others(deps) : others),
    ];
  }, boot);
  return {
    ...api,
    async [Symbol.asyncDispose]() {
      await api[Symbol.asyncDispose]();
      await rm(workFolder, { recursive: true, force: true });
    },
  };
}

/** Puts an object into a bucket that is made if need be. */
export async function putObject(api: BootedApi, bucket: string, object: string, content: Buffer): Promise<void> {
  const client = api.api.deps.clients.of(Storage, AGENT);
  const create = { parent: "projects/_", bucketId: bucket, bucket: { project: "projects/demo" } };
  await client.createBucket(create).catch(() => {});
  async function* requests() {
    const resource = { name: object, bucket: `projects/_/buckets/${bucket}` };
    yield { firstMessage: { case: "writeObjectSpec", value: { resource } } as const, writeOffset: 0n };
    yield {
      writeOffset: 0n,
      data: { case: "checksummedData", value: { content } } as const,
      finishWrite: true,
    };
  }
  await client.writeObject(requests());
}

/** The content of an object; undefined when there is none. */
export async function getObject(api: BootedApi, bucket: string, object: string): Promise<string | undefined> {
  const client = api.api.deps.clients.of(Storage, AGENT);
  try {
    const parts: Uint8Array[] = [];
    for await (const { checksummedData } of client.readObject({ bucket: `projects/_/buckets/${bucket}`, object }))
      if (checksummedData) parts.push(checksummedData.content);
    return Buffer.concat(parts).toString();
  } catch {
    return undefined;
  }
}
