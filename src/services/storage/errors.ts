import { Code } from "../../gen/google/rpc/code_pb.js";
import { ApiError } from "../../wire/errors.ts";

/** How an error looks in the two faces that have no google.rpc.Status. */
interface Faces {
  readonly httpStatus: number;
  /** `reason` of the JSON API: cloud.google.com/storage/docs/json_api/v1/status-codes. */
  readonly reason: string;
  /** `Code` of the XML API: cloud.google.com/storage/docs/xml-api/reference-status. */
  readonly xmlCode: string;
  /** `Message` of the XML API, where it differs; the message itself then goes into `Details`. */
  readonly xmlMessage?: string;
  /** Request header or parameter at fault, for the JSON API. */
  readonly location?: { readonly type: "header" | "parameter"; readonly name: string };
}

/** An error of Cloud Storage: a google.rpc.Code for gRPC, and what the JSON and XML APIs say. */
export class StorageError extends ApiError {
  readonly faces: Faces;

  constructor(code: Code, message: string, faces: Faces) {
    super(code, message);
    this.faces = faces;
  }
}

export function bucketNotFound(): StorageError {
  return new StorageError(Code.NOT_FOUND, "The specified bucket does not exist.", {
    httpStatus: 404,
    reason: "notFound",
    xmlCode: "NoSuchBucket",
  });
}

export function objectNotFound(bucket: string, object: string): StorageError {
  return new StorageError(Code.NOT_FOUND, `No such object: ${bucket}/${object}`, {
    httpStatus: 404,
    reason: "notFound",
    xmlCode: "NoSuchKey",
    xmlMessage: "The specified key does not exist.",
  });
}

export function notificationNotFound(): StorageError {
  return new StorageError(Code.NOT_FOUND, "The requested resource was not found.", {
    httpStatus: 404,
    reason: "notFound",
    xmlCode: "NoSuchNotification",
  });
}

/** The topic of a notification configuration does not exist, or the service agent may not see it. */
export function topicNotFound(topic: string, agent: string): StorageError {
  return invalidValue(
    `Cloud Pub/Sub topic '//pubsub.googleapis.com/${topic}' not found, or user '${agent}' does not have permission to it.`,
  );
}

/** A notification configuration has to say what its messages hold. */
export function missingPayloadFormat(): StorageError {
  const message = "You must specify a payload format in the 'payload_format' field.";
  return new StorageError(Code.INVALID_ARGUMENT, message, {
    httpStatus: 400,
    reason: "required",
    xmlCode: "InvalidArgument",
  });
}

export function uploadNotFound(): StorageError {
  return new StorageError(Code.NOT_FOUND, "The upload session does not exist or has expired.", {
    httpStatus: 404,
    reason: "notFound",
    xmlCode: "NoSuchUpload",
  });
}

/** The bucket exists already, in the caller's project or in another one. */
export function bucketExists(ownedByCaller: boolean): StorageError {
  const message = ownedByCaller
    ? "Your previous request to create the named bucket succeeded and you already own it."
    : "The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.";
  return new StorageError(Code.ALREADY_EXISTS, message, {
    httpStatus: 409,
    reason: "conflict",
    xmlCode: ownedByCaller ? "BucketAlreadyOwnedByYou" : "BucketNameUnavailable",
  });
}

export function bucketNotEmpty(): StorageError {
  return new StorageError(Code.FAILED_PRECONDITION, "The bucket you tried to delete is not empty.", {
    httpStatus: 409,
    reason: "conflict",
    xmlCode: "BucketNotEmpty",
  });
}

export function preconditionFailed(): StorageError {
  return new StorageError(Code.FAILED_PRECONDITION, "At least one of the pre-conditions you specified did not hold.", {
    httpStatus: 412,
    reason: "conditionNotMet",
    xmlCode: "PreconditionFailed",
    location: { type: "header", name: "If-Match" },
  });
}

/** A read whose "not match" condition says that the client has the content already. */
export function notModified(): StorageError {
  return new StorageError(Code.ABORTED, "Not Modified", {
    httpStatus: 304,
    reason: "notModified",
    xmlCode: "NotModified",
  });
}

export function rangeNotSatisfiable(): StorageError {
  return new StorageError(Code.OUT_OF_RANGE, "The requested range cannot be satisfied.", {
    httpStatus: 416,
    reason: "requestedRangeNotSatisfiable",
    xmlCode: "InvalidRange",
    location: { type: "header", name: "Range" },
  });
}

/** The content is not what the client's checksum says; both are base64. */
export function checksumMismatch(kind: "MD5 hash" | "CRC32C", given: string, computed: string): StorageError {
  const message = `Provided ${kind} "${given}" doesn't match calculated ${kind} "${computed}".`;
  return new StorageError(Code.INVALID_ARGUMENT, message, {
    httpStatus: 400,
    reason: "invalid",
    xmlCode: "BadDigest",
    xmlMessage: "The Content-MD5 or checksum you specified did not match what we received.",
  });
}

/** A value that Cloud Storage does not take. */
export function invalidValue(message: string, parameter?: string): StorageError {
  return new StorageError(Code.INVALID_ARGUMENT, message, {
    httpStatus: 400,
    reason: "invalid",
    xmlCode: "InvalidArgument",
    ...(parameter !== undefined && { location: { type: "parameter", name: parameter } }),
  });
}

export function invalidBucketName(bucket: string): StorageError {
  return new StorageError(Code.INVALID_ARGUMENT, `Invalid bucket name: '${bucket}'`, {
    httpStatus: 400,
    reason: "invalid",
    xmlCode: "InvalidBucketName",
    xmlMessage: "The specified bucket is not valid.",
  });
}

export function requiredParameter(name: string): StorageError {
  return new StorageError(Code.INVALID_ARGUMENT, `Required parameter: ${name}`, {
    httpStatus: 400,
    reason: "required",
    xmlCode: "InvalidArgument",
    location: { type: "parameter", name },
  });
}

/** A feature of Cloud Storage that homerun does not have, by the name the client used. */
export function notSupported(what: string): StorageError {
  return new StorageError(Code.INVALID_ARGUMENT, `${what} is not supported by homerun.`, {
    httpStatus: 400,
    reason: "invalid",
    xmlCode: "NotImplemented",
    location: { type: "parameter", name: what },
  });
}

/** The content is shorter or longer than x-goog-content-length-range allows. */
export function outsideLengthRange(bound: "lower" | "upper"): StorageError {
  const message =
    bound === "upper"
      ? "Content-length exceeds upper bound on range"
      : "Content-length smaller than lower bound on range";
  return new StorageError(Code.INVALID_ARGUMENT, message, {
    httpStatus: 400,
    reason: "invalid",
    xmlCode: bound === "upper" ? "EntityTooLarge" : "EntityTooSmall",
    xmlMessage: `Your proposed upload is ${bound === "upper" ? "larger than the maximum" : "smaller than the minimum"} object size specified in your Policy Document.`,
  });
}

/** Somebody with an identity, but without the permission. Google's words. */
export function accessDenied(email: string, permission: string, resource: string): StorageError {
  const message = `${email} does not have ${permission} access to the Google Cloud Storage ${resource}. Permission '${permission}' denied on resource (or it may not exist).`;
  return new StorageError(Code.PERMISSION_DENIED, message, {
    httpStatus: 403,
    reason: "forbidden",
    xmlCode: "AccessDenied",
    xmlMessage: "Access denied.",
  });
}

/** A caller without identity where one is needed. */
export function anonymousDenied(permission: string, resource: string): StorageError {
  const message = `Anonymous caller does not have ${permission} access to the Google Cloud Storage ${resource}. Permission '${permission}' denied on resource (or it may not exist).`;
  return new StorageError(Code.UNAUTHENTICATED, message, {
    httpStatus: 401,
    reason: "required",
    xmlCode: "AccessDenied",
    xmlMessage: "Access denied.",
    location: { type: "header", name: "Authorization" },
  });
}
