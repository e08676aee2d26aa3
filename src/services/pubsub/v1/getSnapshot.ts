import { Subscriber } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { findSnapshot } from "../resources/snapshot.ts";

/** Subscriber.GetSnapshot. */
export const getSnapshot = (deps: Deps) =>
  rpc(
    Subscriber.method.getSnapshot,
    { permission: "pubsub.snapshots.get", audit: "ADMIN_READ" },
    async ({ snapshot }) => (await findSnapshot(deps, snapshot)).snapshot,
  );
