import assert from "node:assert/strict";
import { test } from "node:test";
import { fromJson } from "@bufbuild/protobuf";
import { ServiceSchema } from "../../../gen/google/cloud/run/v2/service_pb.js";
import type { StoreTransaction } from "../../../platform/store/store.ts";
import { pruneRevisions } from "./prune-revisions.ts";

const NAME = "projects/demo/locations/us-central1/services/web";
const nameOf = (id: string) => `${NAME}/revisions/${id}`;

test("the oldest revisions go, but for those that requests reach", async () => {
  const names = ["web-6", "web-5", "web-4", "web-3", "web-2", "web-1"].map(nameOf);
  const service = fromJson(ServiceSchema, {
    name: NAME,
    latestCreatedRevision: nameOf("web-6"),
    latestReadyRevision: nameOf("web-3"),
    traffic: [{ type: "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST", percent: 100 }],
    trafficStatuses: [{ type: "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION", revision: "web-1", tag: "old" }],
  });
  const deleted: string[] = [];
  const rows = {
    revisionNamesAfter: async (_transaction: StoreTransaction, _parent: string, keep: number, limit: number) =>
      names.slice(keep, keep + limit),
    deleteRevision: async (_transaction: StoreTransaction, name: string) => deleted.push(name) > 0,
  };
  await pruneRevisions(rows, {} as StoreTransaction, service, 2);
  assert.deepEqual(deleted, [nameOf("web-4"), nameOf("web-2")]);
});
