import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { crashEverywhere, type CrashScenario } from "../../../tests/recovery/crash-everywhere.ts";
import type { Process } from "../../../tests/recovery/mortal-process.ts";
import { memoryBlobs } from "../../../tests/support/memory-blobs.ts";
import { BucketSchema, ObjectSchema } from "../../gen/google/storage/v2/storage_pb.js";
import { createPolicies, policyMigrations } from "../../wire/iam/policies.ts";
import { createClients } from "../../wire/in-process/client.ts";
import { createProjects, projectMigrations } from "../../wire/projects/projects.ts";
import { storageMigrations } from "./migrations.ts";
import { CONTENT_WAKEUP, createStorageModel, type StorageModel } from "./model.ts";
import { reconcileUpload } from "./reconcile.ts";
import { UPLOAD_WAKEUP } from "./uploads/uploads.ts";

/** The contents of the blobs. */
type World = Map<string, Buffer>;

function modelOf(process: Process<World>): StorageModel {
  const { store, clock, world } = process;
  const { localPath, list, ...blobs } = memoryBlobs(world);
  const policies = createPolicies(store);
  const projects = createProjects(store, clock);
  return createStorageModel({
    ...process,
    blobs: { ...process.edges("blobs", blobs), localPath, list },
    access: undefined as never,
    policies,
    projects,
    clients: createClients(
      () => assert.fail("nothing is called"),
      () => "",
      () => "",
    ),
  });
}

const writeOf = (name: string) => ({
  bucket: "things",
  resource: create(ObjectSchema, { name }),
  conditions: {},
  checksums: {},
});
const bytes = async function* (text: string): AsyncIterable<Uint8Array> {
  yield Buffer.from(text);
};

const scenario: CrashScenario<World> = {
  makeWorld: () => new Map(),
  async setUp(process) {
    await process.store.migrate("iam", policyMigrations);
    await process.store.migrate("projects", projectMigrations);
    await process.store.migrate("storage", storageMigrations);
    const { buckets, writer } = modelOf(process);
    await buckets.create("demo", "things", create(BucketSchema));
    await writer.put(writeOf("kept"), bytes("one"));
  },
  async request(process) {
    const { writer, changer, copier } = modelOf(process);
    await writer.put(writeOf("kept"), bytes("two"));
    await writer.put(writeOf("gone"), bytes("three"));
    const source = { bucket: "things", object: "gone" };
    const target = { bucket: "things", object: "copy", storageClass: "", conditions: {} };
    await copier.copy({ ...target, source, sourceConditions: {} });
    await changer.delete(source, {});
  },
  run(process) {
    const model = modelOf(process);
    return { [CONTENT_WAKEUP]: model.contentStore.reconcile, [UPLOAD_WAKEUP]: reconcileUpload(model) };
  },
  async observe(process) {
    const { reader, objectStore } = modelOf(process);
    const after = { name: "", generation: -1 };
    const rows = await objectStore.list({ bucket: "things", after, versions: true, limit: 100 });
    const objects: Record<string, string> = {};
    for (const row of rows) {
      const chunks = await Array.fromAsync((await reader.open(row)) as AsyncIterable<Buffer>);
      objects[row.object.name] = Buffer.concat(chunks).toString();
    }
    const wanted = new Set(rows.map(({ content }) => content));
    assert.equal(process.world.size, wanted.size, "every blob belongs to an object");
    return { objects, generations: rows.length };
  },
};

test("objects are whole and no content is left over wherever the process dies", async () => {
  const boundaries = await crashEverywhere(scenario);
  for (const expected of ["before blobs.put", "after blobs.delete", 'after insert into "storage_objects"']) {
    assert.ok(boundaries.includes(expected), `${expected} is not among ${boundaries.join(", ")}`);
  }
});
