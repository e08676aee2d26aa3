import type { CommonObjectRequestParams } from "../../../gen/google/storage/v2/storage_pb.js";
import { unsupportedField } from "../../../wire/errors.ts";

/** Rejects by name the request fields of google.storage.v2 that homerun does not have. */
export function refuseFields(request: object, fields: readonly string[]): void {
  const values = request as Readonly<Record<string, unknown>>;
  const field = fields.find((name) => isSet(values[name]));
  if (field !== undefined) throw unsupportedField(snakeCase(field));
}

/** Rejects customer-supplied encryption keys. */
export function refuseEncryption(params: CommonObjectRequestParams | undefined): void {
  if (params?.encryptionKeyBytes.length || params?.encryptionAlgorithm) {
    throw unsupportedField("common_object_request_params");
  }
}

function isSet(value: unknown): boolean {
  return value instanceof Uint8Array ? value.length > 0 : Boolean(value);
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
