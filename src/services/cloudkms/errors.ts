import { create } from "@bufbuild/protobuf";
import { anyPack } from "@bufbuild/protobuf/wkt";
import {
  type CryptoKeyVersion,
  CryptoKeyVersion_CryptoKeyVersionState as State,
  CryptoKey_CryptoKeyPurpose as Purpose,
} from "../../gen/google/cloud/kms/v1/resources_pb.js";
import { PreconditionFailureSchema } from "../../gen/google/rpc/error_details_pb.js";
import { Code } from "../../gen/google/rpc/code_pb.js";
import { alreadyExists, ApiError, failedPrecondition, invalidArgument, notFound } from "../../wire/errors.ts";

/** The kinds of resources by the names that Google's messages have for them. */
export type Kind = "KeyRing" | "CryptoKey" | "CryptoKeyVersion" | "ImportJob";

export function resourceNotFound(kind: Kind, name: string): ApiError {
  return notFound(name, `${kind} ${name} not found.`);
}

export function resourceExists(kind: Kind, name: string): ApiError {
  return alreadyExists(name, `${kind} ${name} already exists.`);
}

/** A field has a value that Cloud KMS does not take. */
export function invalidField(field: string, description: string): ApiError {
  return invalidArgument(description, [{ field, description }]);
}

/** Types of violations by the state of a version. Google: cloud.google.com/kms/docs/key-states. */
const VIOLATIONS: Readonly<Partial<Record<State, string>>> = {
  [State.DISABLED]: "KEY_DISABLED",
  [State.DESTROYED]: "KEY_DESTROYED",
  [State.DESTROY_SCHEDULED]: "KEY_DESTROY_SCHEDULED",
  [State.PENDING_GENERATION]: "KEY_PENDING_GENERATION",
};

/** FAILED_PRECONDITION: a version that is not enabled does nothing. Google's words. */
export function notEnabled({ name, state }: CryptoKeyVersion): ApiError {
  const failure = create(PreconditionFailureSchema, {
    violations: [{ type: VIOLATIONS[state] ?? "KEY_NOT_ENABLED", subject: name }],
  });
  const message = `${name} is not enabled, current state is: ${State[state]}.`;
  return new ApiError(Code.FAILED_PRECONDITION, message, { details: [anyPack(PreconditionFailureSchema, failure)] });
}

/** FAILED_PRECONDITION: the change needs the version to be in another state. */
export function wrongState({ name, state }: CryptoKeyVersion, wanted: readonly State[]): ApiError {
  const names = wanted.map((each) => State[each]).join(", ");
  return failedPrecondition(`${name} is in state ${State[state]}; expected: ${names}.`);
}

/** FAILED_PRECONDITION: the key has no primary version, or it is gone. */
export function noPrimary(keyName: string): ApiError {
  return failedPrecondition(`CryptoKey ${keyName} has no primary version.`);
}

/** INVALID_ARGUMENT: what the key is for does not include what is asked of it. */
export function wrongPurpose(keyName: string, purpose: Purpose, wanted: Purpose): ApiError {
  return invalidArgument(
    `The purpose of CryptoKey ${keyName} is ${Purpose[purpose]}, and the operation needs ${Purpose[wanted]}.`,
  );
}

/** INVALID_ARGUMENT: whatever does not decrypt, for whatever reason. Google's words. */
export function decryptionFailed(): ApiError {
  return invalidArgument("Decryption failed: verify that 'name' refers to the correct CryptoKey.");
}
