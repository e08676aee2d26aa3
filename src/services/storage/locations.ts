import { isLocation } from "../../wire/locations.ts";
import { StorageError } from "./errors.ts";
import { Code } from "../../gen/google/rpc/code_pb.js";

const MULTI_REGIONS = new Set(["US", "EU", "ASIA"]);
const DUAL_REGIONS = new Set(["ASIA1", "EUR4", "EUR5", "EUR7", "EUR8", "NAM4"]);

/** Where a bucket is when nobody says (cloud.google.com/storage/docs/locations). */
export const DEFAULT_LOCATION = "US";

/** "region", "multi-region" or "dual-region"; rejects for a location that does not exist. */
export function locationTypeOf(location: string): string {
  const upper = location.toUpperCase();
  if (MULTI_REGIONS.has(upper)) return "multi-region";
  if (DUAL_REGIONS.has(upper)) return "dual-region";
  if (isLocation(location.toLowerCase())) return "region";
  throw new StorageError(Code.INVALID_ARGUMENT, "The specified location constraint is not valid.", {
    httpStatus: 400,
    reason: "invalid",
    xmlCode: "InvalidLocationConstraint",
  });
}
