import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { SnapshotSchema, Subscriber } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import { failedPrecondition, unsupportedField } from "../../../wire/errors.ts";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { resourceExists } from "../resources/errors.ts";
import { SNAPSHOT_KIND } from "../resources/expiry.ts";
import { checkLabels } from "../resources/labels.ts";
import { MIN_SNAPSHOT_SECONDS, SNAPSHOT_SECONDS } from "../resources/limits.ts";
import { checkName, DELETED_TOPIC, projectOf } from "../resources/names.ts";
import { insertNew, newRow } from "../resources/row.ts";
import { snapshotOf, storedSnapshot } from "../resources/snapshot.ts";
import { findSubscription } from "../resources/subscription.ts";

/** Subscriber.CreateSnapshot: the backlog of a subscription, for seven days from its oldest message on. */
export const createSnapshot = (deps: Deps) =>
  rpc(
    Subscriber.method.createSnapshot,
    { permission: "pubsub.snapshots.create", audit: "ADMIN_WRITE" },
    async ({ name: given, subscription: subscriptionName, labels, tags }) => {
      const name = given || `${projectOf(subscriptionName)}/snapshots/s-${deps.ids.uuid()}`;
      checkName("snapshots", name);
      checkLabels("labels", labels);
      if (Object.keys(tags).length > 0) throw unsupportedField("tags");
      return deps.store.transact(async (transaction) => {
        const { subscription } = await findSubscription(deps, subscriptionName, transaction);
        const { topic, detached } = subscription;
        if (detached)
          throw failedPrecondition(`The subscription is detached from its topic (resource=${subscriptionName}).`);
        if (await deps.snapshots.get(name, transaction)) throw resourceExists(name);
        const { oldestUnackedMs } = await deps.engine.snapshotCreated(transaction, name, subscriptionName);
        const nowMs = deps.clock.nowMs();
        const expiresMs = (oldestUnackedMs ?? nowMs) + SNAPSHOT_SECONDS * 1000;
        if (expiresMs < nowMs + MIN_SNAPSHOT_SECONDS * 1000)
          throw failedPrecondition(
            "The backlog of the subscription is too old: the snapshot would expire in less than an hour.",
          );
        const snapshot = create(SnapshotSchema, { topic, labels, expireTime: timestampFromMs(expiresMs) });
        const row = newRow(name, storedSnapshot(snapshot), { uid: deps.ids.uuid(), nowMs });
        await insertNew(deps.snapshots, transaction, row);
        if (topic !== DELETED_TOPIC) await deps.attachments.attach(transaction, "snapshot", name, topic);
        await deps.wakeups.wake(transaction, SNAPSHOT_KIND, name, expiresMs);
        return snapshotOf(row);
      });
    },
  );
