import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { crashEverywhere, type CrashScenario } from "../../../../tests/recovery/crash-everywhere.ts";
import type { Process } from "../../../../tests/recovery/mortal-process.ts";
import { memoryBlobs } from "../../../../tests/support/memory-blobs.ts";
import type { PublishRequest } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import { BucketSchema, ObjectSchema } from "../../../gen/google/storage/v2/storage_pb.js";
import { createPolicies, policyMigrations } from "../../../wire/iam/policies.ts";
import type { Clients } from "../../../wire/in-process/client.ts";
import { createProjects, projectMigrations } from "../../../wire/projects/projects.ts";
import { StorageError } from "../errors.ts";
import { storageMigrations } from "../migrations.ts";
import { CONTENT_WAKEUP, createStorageModel, type StorageModel } from "../model.ts";
import { configFromJson } from "./config.ts";

interface World {
  readonly blobs: Map<string, Buffer>;
  /** What arrived at which topic, "TYPE OBJECT" each. */
  readonly published: Set<string>;
}

function modelOf(process: Process<World>): StorageModel {
  const { store, clock, world } = process;
  const publisher = {
    getTopic: async () => ({}),
    publish: async ({ topic, messages }: PublishRequest) => {
      for (const { attributes } of messages) {
        world.published.add(`${topic} ${attributes["eventType"]} ${attributes["objectId"]}`);
      }
    },
  };
  return createStorageModel({
    ...process,
    blobs: memoryBlobs(world.blobs),
    policies: createPolicies(store),
    access: undefined as never,
    projects: createProjects(store, clock),
    clients: { of: () => process.edges("pubsub", publisher) } as unknown as Clients,
  });
}

const writeOf = (name: string) => ({
  bucket: "things",
  resource: create(ObjectSchema, { name }),
  conditions: { ifGenerationMatch: 0n },
  checksums: {},
});

async function* bytes(): AsyncIterable<Uint8Array> {
  yield Buffer.from("content");
}

/** What is asked again after a death is refused when it was done: no event is made twice to hide one that was lost. */
async function unlessDone(work: Promise<unknown>): Promise<void> {
  await work.catch((error: unknown) => {
    if (!(error instanceof StorageError)) throw error;
  });
}

const scenario: CrashScenario<World> = {
  makeWorld: () => ({ blobs: new Map(), published: new Set() }),
  async setUp(process) {
    await process.store.migrate("iam", policyMigrations);
    await process.store.migrate("projects", projectMigrations);
    await process.store.migrate("storage", storageMigrations);
    const { buckets, notifications, writer } = modelOf(process);
    await buckets.create("demo", "things", create(BucketSchema));
    await writer.put(writeOf("old"), bytes());
    for (const topic of ["all", "deletions"]) {
      const event_types = topic === "all" ? [] : ["OBJECT_DELETE"];
      const config = { topic: `projects/demo/topics/${topic}`, payload_format: "JSON_API_V1", event_types };
      await notifications.insert("things", configFromJson(config));
    }
  },
  async request(process) {
    const { writer, changer } = modelOf(process);
    await unlessDone(writer.put(writeOf("new"), bytes()));
    await unlessDone(changer.delete({ bucket: "things", object: "old" }, {}));
  },
  run(process) {
    const model = modelOf(process);
    return { [CONTENT_WAKEUP]: model.contentStore.reconcile, ...model.outbox.reconcilers };
  },
  async observe({ world, store }) {
    const left = await store
      .read<{ storage_outbox: { id: number } }>()
      .selectFrom("storage_outbox")
      .select("id")
      .execute();
    return { published: [...world.published].sort(), left: left.length };
  },
};

test("every committed change is told wherever the process dies", async () => {
  const boundaries = await crashEverywhere(scenario);
  for (const expected of ["before pubsub.publish", "after pubsub.publish", 'after insert into "storage_outbox"']) {
    assert.ok(boundaries.includes(expected), `${expected} is not among ${boundaries.join(", ")}`);
  }
});
