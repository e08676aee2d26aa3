import type { MessageInitShape } from "@bufbuild/protobuf";
import type { ReceivedMessageSchema } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import type { LeasedMessage } from "./engine.ts";

/** A delivery on the wire; its attempt is said for subscriptions with a dead letter policy only. */
export function received(leased: LeasedMessage, counts: boolean): MessageInitShape<typeof ReceivedMessageSchema> {
  const { ackId, message, deliveryAttempt } = leased;
  return { ackId, message, ...(counts && { deliveryAttempt }) };
}
