import { createTestBaseImages } from "../../src/services/run/testing/base-images.ts";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BuildpackBuildRequest } from "../../src/build/build.ts";
import { createDistributionClient, type DistributionClient } from "../../src/oci/distribution/client.ts";
import { digestOf } from "../../src/oci/digest.ts";
import { pushImage } from "../../src/oci/distribution/push-image.ts";
import { mediaTypes } from "../../src/oci/media-types.ts";
import { artifactregistry } from "../../src/services/artifactregistry/module.ts";
import { containeranalysis } from "../../src/services/containeranalysis/module.ts";
import { cloudbuild } from "../../src/services/cloudbuild/module.ts";
import { cloudfunctions } from "../../src/services/cloudfunctions/module.ts";
import { eventarc } from "../../src/services/eventarc/module.ts";
import { pubsub } from "../../src/services/pubsub/module.ts";
import { run } from "../../src/services/run/module.ts";
import { ProcessServing } from "../../src/services/run/testing/process-serving.ts";
import { storage } from "../../src/services/storage/module.ts";
import { createUrlSigner } from "../../src/wire/credentials/signed-urls/url-signer.ts";
import { generateSigningKey } from "../../src/wire/credentials/signing-keys.ts";
import type { ServiceDeps } from "../../src/wire/service-deps.ts";
import { type BootedApi, bootApi, type BootOptions } from "./boot-api.ts";
import { buildFromFiles, createTestBuilder, type TestBuilder } from "./boot-cloudbuild.ts";
import { attestationParts } from "./attestations.ts";
import { quietLogging } from "./quiet-logging.ts";
import { until } from "./until.ts";

/** A JSON object. */
export type Json = Record<string, unknown>;

/** A function as REST answers it. */
export interface FunctionJson extends Json {
  readonly state: string;
  readonly buildConfig: Json;
  readonly serviceConfig: Json & {
    readonly uri: string;
    readonly revision: string;
    readonly environmentVariables: Record<string, string>;
  };
}

/** Every service that a deployment passes, over the real wire; builds and instances are plain small doubles. */
export interface BootedFunctions extends AsyncDisposable {
  readonly api: BootedApi;
  readonly builder: TestBuilder;
  readonly serving: ProcessServing;
  readonly registry: DistributionClient;
  /** Uploads an archive as clients do; resolves with its storageSource. */
  upload(archive: Buffer): Promise<Json>;
  /** Polls an answered operation until it is done. */
  wait(answer: { status: number; body: Json }): Promise<Json>;
}

const KEY = await generateSigningKey();

/** Boots storage, builds, registry, run and functions in a temporary folder. */
export async function bootFunctions(options: BootOptions = {}): Promise<BootedFunctions> {
  const builder = createTestBuilder();
  const serving = new ProcessServing();
  const workFolder = await mkdtemp(join(tmpdir(), "homerun-builds-"));
  let registry: DistributionClient | undefined;
  const api = await bootApi((deps) => {
    registry = registryOf(deps);
    return modulesOf(deps, builder, serving, registry, workFolder);
  }, options);
  builder.behave = (request) => buildAndPush(registry!, request);
  return {
    api,
    builder,
    serving,
    registry: registry!,
    async upload(archive) {
      const parent = "projects/demo/locations/us-central1";
      const { body } = await api.json("POST", `/cloudfunctions/v2/${parent}/functions:generateUploadUrl`, {});
      const headers = { "content-type": "application/zip" };
      const response = await fetch(body["uploadUrl"] as string, {
        method: "PUT",
        body: new Uint8Array(archive),
        headers,
      });
      if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
      return body["storageSource"] as Json;
    },
    wait: ({ status, body }) => {
      if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`);
      return until(async () => {
        const operation = (await api.json("GET", `/cloudfunctions/v2/${String(body["name"])}`)).body;
        return operation["done"] === true && operation;
      });
    },
    async [Symbol.asyncDispose]() {
      await api[Symbol.asyncDispose]();
      await serving[Symbol.asyncDispose]();
      await rm(workFolder, { recursive: true, force: true });
    },
  };
}

function registryOf({ fetchInProcess, clock }: ServiceDeps): DistributionClient {
  return createDistributionClient({ fetch: (request) => fetchInProcess(request, { kind: "owner" }), clock });
}

function modulesOf(
  deps: ServiceDeps,
  builder: TestBuilder,
  serving: ProcessServing,
  registry: DistributionClient,
  workFolder: string,
) {
  const host = { cpus: 2, memoryBytes: 4 * 1024 ** 3 };
  return [
    quietLogging(),
    artifactregistry(deps),
    containeranalysis(deps),
    cloudbuild({ ...deps, ...attestationParts(), builder, registry, workFolder, host }),
    run({ ...deps, serving, registry, baseImages: createTestBaseImages() }),
    cloudfunctions({
      ...deps,
      urlSigner: createUrlSigner(KEY, deps.clock),
      runtimeVersionOf: async () => "nodejs22_22_1_0_0123456789ab",
    }),
    storage({ ...deps, publicKeysOf: async () => [KEY.publicKey] }),
    pubsub(deps),
    eventarc(deps),
  ];
}

/** Pushes an image whose one layer is the digest of the source, so that the same source is the same image. */
export async function buildAndPush(registry: DistributionClient, request: BuildpackBuildRequest) {
  const built = await buildFromFiles(request);
  if (built.status !== "SUCCESS") return built;
  const bytes = Buffer.from(built.images[0]?.digest ?? "");
  const descriptor = { mediaType: mediaTypes.layer, digest: digestOf(bytes), size: bytes.length };
  const config = { architecture: "amd64", os: "linux", created: "2026-01-01T00:00:00Z" };
  const layers = [{ descriptor, diffId: descriptor.digest, source: bytes }];
  const { digest } = await pushImage(registry, request.destinations, { layers, config });
  return { ...built, images: request.destinations.map((name) => ({ name, digest })) };
}
