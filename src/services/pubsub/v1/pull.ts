import { Subscriber } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { RESPONSE_BYTES, RESPONSE_MESSAGES, PULL_WAIT_MS } from "../messages/limits.ts";
import { pullSubscription } from "../messages/pull-subscription.ts";
import { pullResponse } from "../messages/received.ts";
import { ackDeadlineSeconds } from "../messages/settings.ts";
import { checkBounds } from "../resources/errors.ts";

/** Subscriber.Pull: waits a few seconds for the first message, unless it is to return immediately. */
export const pull = (deps: Deps) =>
  rpc(
    Subscriber.method.pull,
    { permission: "pubsub.subscriptions.consume", audit: "DATA_READ" },
    async ({ subscription: name, maxMessages, returnImmediately }, call) => {
      checkBounds("max_messages", maxMessages, { min: 1, max: 2 ** 31 - 1 });
      const subscription = pullSubscription(deps, name);
      const limits = {
        maxMessages: Math.min(maxMessages, RESPONSE_MESSAGES),
        maxBytes: RESPONSE_BYTES,
        ackDeadlineSeconds: ackDeadlineSeconds(subscription),
      };
      using patience = waitAtMost(deps, PULL_WAIT_MS);
      const signal = returnImmediately ? AbortSignal.abort() : AbortSignal.any([call.signal, patience.signal]);
      const leased = await deps.engine.deliveries(name).lease(limits, signal);
      return pullResponse(leased, subscription);
    },
  );

/** A signal that aborts after a time. */
function waitAtMost({ clock }: Pick<Deps, "clock">, ms: number): { signal: AbortSignal } & Disposable {
  const abort = new AbortController();
  const timer = clock.after(ms, () => abort.abort());
  return { signal: abort.signal, [Symbol.dispose]: () => timer[Symbol.dispose]() };
}
