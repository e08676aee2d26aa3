import type { SecretPayload } from "../../gen/google/cloud/secretmanager/v1/resources_pb.js";
import { crc32c } from "../../platform/crc32c.ts";
import { invalidField } from "./errors.ts";
import { MAX_PAYLOAD_BYTES } from "./limits.ts";

/** Rejects a payload that is missing, too large, or does not have the checksum that came with it. */
export function checkPayload(payload: SecretPayload | undefined): SecretPayload {
  if (!payload) throw invalidField("payload", "The payload must be provided.");
  if (payload.data.length > MAX_PAYLOAD_BYTES)
    throw invalidField("payload.data", `The payload must be at most ${MAX_PAYLOAD_BYTES} bytes.`);
  if (payload.dataCrc32c !== undefined && payload.dataCrc32c !== BigInt(crc32c(payload.data)))
    throw invalidField("payload.data_crc32c", "The payload does not match its checksum data_crc32c.");
  return payload;
}
