import { create } from "@bufbuild/protobuf";
import { anyPack } from "@bufbuild/protobuf/wkt";
import { Code } from "../../../gen/google/rpc/code_pb.js";
import { ErrorInfoSchema } from "../../../gen/google/rpc/error_details_pb.js";
import { ApiError } from "../../../wire/errors.ts";
import { invalidField } from "../resources/errors.ts";

/** A definition is none, in Google's words, and why. */
export function invalidDefinition(reason: string): ApiError {
  const error = invalidField("schema.definition", "Invalid schema definition: Could not parse schema.");
  return new ApiError(error.code, error.message, {
    details: [...error.details, errorInfo("INVALID_SCHEMA_DEFINITION", { message: reason })],
  });
}

/** A revision does not go together with another one. */
export function incompatibleRevision(revisionId: string, reason: string): ApiError {
  const description = `Invalid schema definition: Incompatible with revision ${revisionId}: ${reason}`;
  return invalidField("schema.definition", description);
}

/** A message does not conform to its schema; Google says why in the details only. */
export function invalidMessage(reason: string, revisionInfo?: string): ApiError {
  const metadata = { message: "Message failed schema validation", ...(revisionInfo && { revisionInfo }) };
  return new ApiError(Code.INVALID_ARGUMENT, "Invalid data in message: Message failed schema validation.", {
    details: [errorInfo(reason, metadata)],
  });
}

function errorInfo(reason: string, metadata: Record<string, string>) {
  return anyPack(ErrorInfoSchema, create(ErrorInfoSchema, { reason, domain: "pubsub.googleapis.com", metadata }));
}
