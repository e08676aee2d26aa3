import { toBinary } from "@bufbuild/protobuf";
import { PubsubMessageSchema } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import type { Log } from "../../../platform/log.ts";
import type { Deliveries, LeasedMessage, MessageEngine } from "../messages/engine.ts";
import type { FunctionRunner } from "./function-runner.ts";
import type { UserFunction } from "./sandbox.ts";
import { functionsOf, transformMessage } from "./transform-message.ts";

/** When a message that could not be transformed is tried again, seconds, unless the retry policy says so. */
const RETRY_SECONDS = 10;

export interface TransformDeps {
  readonly functions: FunctionRunner;
  readonly log: Log;
}

/**
 * The engine, handing out what the transforms of subscriptions make of messages. What they filter is acknowledged; what they
 * fail on is delivered again later, and becomes a dead letter where there is a policy.
 * Google: cloud.google.com/pubsub/docs/smts/smts-overview.
 */
export function withTransforms(engine: MessageEngine, deps: TransformDeps): MessageEngine {
  return { ...engine, deliveries: (name) => transformedDeliveries(engine, deps, name) };
}

function transformedDeliveries(engine: MessageEngine, deps: TransformDeps, name: string): Deliveries {
  const deliveries = engine.deliveries(name);
  return {
    ...deliveries,
    async lease(limits, signal) {
      for (;;) {
        const leased = await deliveries.lease(limits, signal);
        const subscription = engine.subscription(name);
        const functions = functionsOf(subscription?.messageTransforms ?? []);
        if (leased.length === 0 || functions.length === 0) return leased;
        const retrySeconds = subscription?.retryPolicy ? 0 : RETRY_SECONDS;
        const passed = await transformAll(deps, deliveries, { name, leased, functions, retrySeconds });
        if (passed.length > 0 || signal.aborted) return passed;
      }
    },
  };
}

interface Batch {
  readonly name: string;
  readonly leased: readonly LeasedMessage[];
  readonly functions: readonly UserFunction[];
  readonly retrySeconds: number;
}

async function transformAll(
  { functions: runner, log }: TransformDeps,
  deliveries: Deliveries,
  { name, leased, functions, retrySeconds }: Batch,
): Promise<readonly LeasedMessage[]> {
  const results = await Promise.all(
    leased.map(async (each) => ({ each, result: await transformMessage(runner, functions, each.message) })),
  );
  const filtered = results.filter(({ result }) => result.kind === "filtered").map(({ each }) => each.ackId);
  const failed = results.filter(({ result }) => result.kind === "failed").map(({ each }) => each.ackId);
  for (const { each, result } of results) {
    if (result.kind !== "failed") continue;
    const { messageId } = each.message;
    log.info("a message could not be transformed", { subscription: name, messageId, reason: result.reason });
  }
  if (filtered.length > 0) await deliveries.acknowledge(filtered);
  if (failed.length > 0) await deliveries.modifyAckDeadline(failed, retrySeconds);
  return results.flatMap(({ each: { ackId, deliveryAttempt }, result }) =>
    result.kind === "message"
      ? [{ ackId, deliveryAttempt, message: result.message, encoded: toBinary(PubsubMessageSchema, result.message) }]
      : [],
  );
}
