import { timestampMs } from "@bufbuild/protobuf/wkt";
import { Subscriber } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import { invalidArgument } from "../../../wire/errors.ts";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { subscriptionDetached } from "../messages/errors.ts";
import { findSubscription } from "../messages/pull-subscription.ts";
import { checkName } from "../resources/names.ts";

const NO_TARGET = "No target was specified in the SeekRequest. Must specify either a time or a snapshot";

/** Subscriber.Seek, to a time or to a snapshot of the same topic. */
export const seek = (deps: Deps) =>
  rpc(
    Subscriber.method.seek,
    { permission: "pubsub.subscriptions.consume", audit: "DATA_WRITE" },
    async ({ subscription: name, target }) => {
      const { detached } = findSubscription(deps, name);
      if (detached) throw subscriptionDetached();
      if (target.case === undefined) throw invalidArgument(NO_TARGET);
      if (target.case === "time") await deps.engine.seek(name, { timeMs: timestampMs(target.value) });
      else {
        checkName("snapshots", target.value);
        await deps.engine.seek(name, { snapshot: target.value });
      }
      return {};
    },
  );
