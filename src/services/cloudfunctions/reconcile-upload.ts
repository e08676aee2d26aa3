import { Code } from "../../gen/google/rpc/code_pb.js";
import { Storage } from "../../gen/google/storage/v2/storage_pb.js";
import type { Reconcile } from "../../platform/wakeups/wakeups.ts";
import { unless } from "./api-errors.ts";
import { bucketName } from "./buckets.ts";
import type { Deps } from "./deps.ts";
import { agentOfNumber } from "./function-name.ts";

/** Deletes an uploaded archive once its day is over; the key is BUCKET/OBJECT. */
export function reconcileUpload(deps: Pick<Deps, "clients">): Reconcile {
  return async (key) => {
    const [bucket = "", object = ""] = key.split("/");
    const [, number = ""] = /^gcf-v2-uploads-(\d+)-/.exec(bucket) ?? [];
    const storage = deps.clients.of(Storage, agentOfNumber(number));
    await unless(storage.deleteObject({ bucket: bucketName(bucket), object }), Code.NOT_FOUND);
    return { settled: true };
  };
}
