import assert from "node:assert/strict";
import { test } from "node:test";
import { Code } from "../../gen/google/rpc/code_pb.js";
import * as errors from "./errors.ts";
import { jsonErrorResponse } from "./json/json-error.ts";
import { xmlErrorResponse } from "./xml/xml-error.ts";

/** Of each error: what gRPC, the JSON API and the XML API say. */
const EXPECTED: readonly (readonly [errors.StorageError, Code, number, string, string, string])[] = [
  [errors.bucketNotFound(), Code.NOT_FOUND, 404, "notFound", "NoSuchBucket", "The specified bucket does not exist."],
  [errors.objectNotFound("b", "o"), Code.NOT_FOUND, 404, "notFound", "NoSuchKey", "No such object: b/o"],
  [
    errors.uploadNotFound(),
    Code.NOT_FOUND,
    404,
    "notFound",
    "NoSuchUpload",
    "The upload session does not exist or has expired.",
  ],
  [
    errors.bucketExists(true),
    Code.ALREADY_EXISTS,
    409,
    "conflict",
    "BucketAlreadyOwnedByYou",
    "Your previous request to create the named bucket succeeded and you already own it.",
  ],
  [
    errors.bucketExists(false),
    Code.ALREADY_EXISTS,
    409,
    "conflict",
    "BucketNameUnavailable",
    "The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.",
  ],
  [
    errors.bucketNotEmpty(),
    Code.FAILED_PRECONDITION,
    409,
    "conflict",
    "BucketNotEmpty",
    "The bucket you tried to delete is not empty.",
  ],
  [
    errors.preconditionFailed(),
    Code.FAILED_PRECONDITION,
    412,
    "conditionNotMet",
    "PreconditionFailed",
    "At least one of the pre-conditions you specified did not hold.",
  ],
  [
    errors.rangeNotSatisfiable(),
    Code.OUT_OF_RANGE,
    416,
    "requestedRangeNotSatisfiable",
    "InvalidRange",
    "The requested range cannot be satisfied.",
  ],
  [
    errors.checksumMismatch("CRC32C", "a", "b"),
    Code.INVALID_ARGUMENT,
    400,
    "invalid",
    "BadDigest",
    'Provided CRC32C "a" doesn\'t match calculated CRC32C "b".',
  ],
  [
    errors.invalidBucketName("X"),
    Code.INVALID_ARGUMENT,
    400,
    "invalid",
    "InvalidBucketName",
    "Invalid bucket name: 'X'",
  ],
  [
    errors.requiredParameter("project"),
    Code.INVALID_ARGUMENT,
    400,
    "required",
    "InvalidArgument",
    "Required parameter: project",
  ],
  [
    errors.notSupported("acl"),
    Code.INVALID_ARGUMENT,
    400,
    "invalid",
    "NotImplemented",
    "acl is not supported by homerun.",
  ],
  [
    errors.outsideLengthRange("upper"),
    Code.INVALID_ARGUMENT,
    400,
    "invalid",
    "EntityTooLarge",
    "Content-length exceeds upper bound on range",
  ],
  [
    errors.outsideLengthRange("lower"),
    Code.INVALID_ARGUMENT,
    400,
    "invalid",
    "EntityTooSmall",
    "Content-length smaller than lower bound on range",
  ],
  [
    errors.anonymousDenied("storage.objects.get", "object"),
    Code.UNAUTHENTICATED,
    401,
    "required",
    "AccessDenied",
    "Anonymous caller does not have storage.objects.get access to the Google Cloud Storage object. Permission 'storage.objects.get' denied on resource (or it may not exist).",
  ],
];

for (const [error, code, status, reason, xmlCode, message] of EXPECTED) {
  test(`${xmlCode} looks as Google documents it in each API`, async () => {
    assert.deepEqual([error.code, error.message], [code, message]);
    const json = jsonErrorResponse(error);
    const body = (await json.json()) as { error: { code: number; message: string; errors: { reason: string }[] } };
    assert.deepEqual([json.status, body.error.code, body.error.message], [status, status, message]);
    assert.equal(body.error.errors[0]!.reason, reason);
    const xml = xmlErrorResponse(error);
    assert.equal(xml.status, status);
    assert.ok((await xml.text()).includes(`<Code>${xmlCode}</Code>`));
  });
}

test("a read that changes nothing is 304 without content", async () => {
  assert.equal(jsonErrorResponse(errors.notModified()).status, 304);
  assert.equal(await xmlErrorResponse(errors.notModified()).text(), "");
});

test("an unknown error tells nothing about itself", async () => {
  const xml = await xmlErrorResponse(new Error("secret")).text();
  const json = await jsonErrorResponse(new Error("secret")).text();
  assert.ok(!xml.includes("secret") && !json.includes("secret"));
});
