import { create } from "@bufbuild/protobuf";
import { anyPack } from "@bufbuild/protobuf/wkt";
import { Code } from "../../../gen/google/rpc/code_pb.js";
import { ErrorInfoSchema } from "../../../gen/google/rpc/error_details_pb.js";
import { ApiError, failedPrecondition, invalidArgument } from "../../../wire/errors.ts";

/** A pull from a subscription that was detached from its topic. */
export function subscriptionDetached(): ApiError {
  return failedPrecondition("The subscription is detached from its topic.");
}

/** A pull from a subscription that is pushed or exported. */
export function notAPullSubscription(): ApiError {
  return failedPrecondition("This method is not supported for this subscription type.");
}

/** An ack id that was not made for this subscription. */
export function malformedAckId(ackId: string): ApiError {
  return invalidArgument(`You have passed an invalid ack ID to the service (ack_id=${ackId}).`);
}

/** Ack ids of an exactly-once subscription that failed for good; the ErrorInfo says which (cloud.google.com/pubsub/docs/exactly-once-delivery). */
export function failedAckIds(ackIds: readonly string[]): ApiError {
  const metadata = Object.fromEntries(ackIds.map((ackId) => [ackId, "PERMANENT_FAILURE_INVALID_ACK_ID"]));
  const reason = "EXACTLY_ONCE_ACKID_FAILURE";
  const info = create(ErrorInfoSchema, { reason, domain: "pubsub.googleapis.com", metadata });
  const message =
    "Some acknowledgement ids in the request were invalid. This could be because the acknowledgement ids have expired or the acknowledgement ids were malformed.";
  return new ApiError(Code.INVALID_ARGUMENT, message, { details: [anyPack(ErrorInfoSchema, info)] });
}

/** Nothing can be written now, for example because the disk is full; clients try again. */
export function cannotStore(cause: unknown): ApiError {
  return new ApiError(Code.UNAVAILABLE, "The service was unable to fulfill your request. Please try again.", { cause });
}

/** The end of a stream that has lasted long enough, or whose server stops; clients open another one. */
export function streamEnded(): ApiError {
  return new ApiError(
    Code.UNAVAILABLE,
    "The service was unable to fulfill your request. Please try again. [code=8a75]",
  );
}
