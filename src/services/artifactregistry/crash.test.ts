import assert from "node:assert/strict";
import { test } from "node:test";
import { createRegistry } from "@bufbuild/protobuf";
import { crashEverywhere, type CrashScenario } from "../../../tests/recovery/crash-everywhere.ts";
import type { Process } from "../../../tests/recovery/mortal-process.ts";
import { memoryBlobs } from "../../../tests/support/memory-blobs.ts";
import { digestOf } from "../../oci/digest.ts";
import { formatManifest } from "../../oci/manifest.ts";
import { mediaTypes } from "../../oci/media-types.ts";
import { createPolicies } from "../../wire/iam/policies.ts";
import { createOperations } from "../../wire/operations/operations.ts";
import { createProjects } from "../../wire/projects/projects.ts";
import { createRegistryStorage } from "./docker/registry-storage.ts";
import { artifactRegistryMigrations } from "./migrations.ts";
import { createRegistryModel, type RegistryModel } from "./model.ts";
import { reconcilers } from "./reconcile.ts";

/** The contents of the blobs. */
type World = Map<string, Buffer>;

const REPOSITORY = "projects/demo/locations/us-central1/repositories/images";

function modelOf(process: Process<World>): RegistryModel {
  const { store, clock, world } = process;
  const { localPath, list, ...blobs } = memoryBlobs(world);
  return createRegistryModel({
    ...process,
    blobs: { ...process.edges("blobs", blobs), localPath, list },
    policies: createPolicies(store),
    access: undefined as never,
    projects: createProjects(store, clock),
    operations: createOperations({ store, clock, registry: () => createRegistry() }),
    tokens: undefined as never,
    clients: { of: () => ({ publish: async () => ({}) }) } as never,
  });
}

const storageOf = (process: Process<World>) =>
  createRegistryStorage(modelOf(process), async (image) => ({ repository: REPOSITORY, image }));

async function* bytes(text: string): AsyncIterable<Uint8Array> {
  yield Buffer.from(text);
}

async function push(process: Process<World>, image: string, layers: readonly string[]): Promise<string> {
  const storage = storageOf(process);
  const layersOf = layers.map((text) => ({
    mediaType: mediaTypes.layer,
    digest: digestOf(text),
    size: text.length,
  }));
  for (const [index, { digest }] of layersOf.entries()) await storage.putBlob(image, digest, bytes(layers[index]!));
  const content = formatManifest({ config: layersOf[0]!, layers: layersOf.slice(1) });
  const digest = digestOf(content);
  await storage.putManifest(image, { digest, mediaType: mediaTypes.manifest, content }, ["v1"]);
  return digest;
}

const scenario: CrashScenario<World> = {
  makeWorld: () => new Map(),
  async setUp(process) {
    await process.store.migrate("artifactregistry", artifactRegistryMigrations);
    await push(process, "kept", ["shared"]);
  },
  async request(process) {
    const digest = await push(process, "gone", ["{}", "shared"]);
    await storageOf(process).deleteManifest("gone", digest);
  },
  run: (process) => reconcilers(modelOf(process)),
  async observe(process) {
    const { imageStore, blobStore, store } = modelOf(process);
    const manifests = await imageStore.listManifests(REPOSITORY);
    const held = await store.transact((transaction) => blobStore.contentsIn(transaction, REPOSITORY));
    return {
      images: manifests.map(({ image, digest }) => [image, digest]),
      held: held.length,
      blobs: process.world.size,
    };
  },
};

test("images are whole and no blob is left over wherever the process dies", async () => {
  const boundaries = await crashEverywhere(scenario);
  for (const expected of ["after blobs.put", "after blobs.delete", 'after delete from "artifactregistry_contents"']) {
    assert.ok(boundaries.includes(expected), `${expected} is not among ${boundaries.join(", ")}`);
  }
});
