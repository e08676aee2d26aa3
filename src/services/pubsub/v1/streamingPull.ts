import { type StreamingPullRequest, Subscriber } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import { canonicalName } from "../../../wire/interceptors/canonical-projects.ts";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { pullSubscription } from "../messages/pull-subscription.ts";
import { pullStream } from "../messages/streaming/pull-stream.ts";
import { openingOf } from "../messages/streaming/stream-requests.ts";

/** Subscriber.StreamingPull: messages as they come, as many at a time as the client takes. */
export const streamingPull = (deps: Deps) =>
  rpc(
    Subscriber.method.streamingPull,
    { permission: "pubsub.subscriptions.consume", audit: "DATA_READ" },
    async function* (requests, call) {
      const reading = requests[Symbol.asyncIterator]();
      const first = await reading.next();
      if (first.done) return;
      const request: StreamingPullRequest = first.value;
      const given = openingOf(request);
      const opening = { ...given, subscription: await canonicalName(given.subscription, deps.projects) };
      pullSubscription(deps, opening.subscription);
      yield* pullStream(deps, opening, { first: request, rest: reading }, call.signal);
    },
  );
