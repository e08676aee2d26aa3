import type { Subscription } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import type { AckOutcome } from "./engine.ts";
import { invalidArgument } from "../../../wire/errors.ts";
import { failedAckIds, malformedAckId } from "./errors.ts";

/** Rejects a request without ack ids. */
export function checkAckIds(ackIds: readonly string[]): void {
  if (ackIds.length === 0) throw invalidArgument("No ack ids specified.");
}

/**
 * Rejects with INVALID_ARGUMENT for ack ids that were not made for the subscription; with exactly-once delivery for all
 * that have no effect, too. Otherwise to be late is no error.
 */
export function checkOutcomes(
  { enableExactlyOnceDelivery }: Subscription,
  ackIds: readonly string[],
  outcomes: readonly AckOutcome[],
): void {
  if (enableExactlyOnceDelivery) {
    const failed = ackIds.filter((_, index) => outcomes[index] !== "done");
    if (failed.length > 0) throw failedAckIds(failed);
  }
  const malformed = ackIds.find((_, index) => outcomes[index] === "malformed");
  if (malformed !== undefined) throw malformedAckId(malformed);
}
