import type { Seal } from "../../platform/seal.ts";
import type { ServiceDeps } from "../../wire/service-deps.ts";
import type { KmsTables } from "./store.ts";

/** What Cloud KMS needs of the rest of the server. */
export interface CloudKmsDeps extends Pick<
  ServiceDeps,
  "store" | "wakeups" | "clock" | "ids" | "operations" | "policies"
> {
  /** Keeps key material confidential at rest. */
  readonly seal: Seal;
}

/** What its methods share. */
export interface Deps extends CloudKmsDeps, KmsTables {}

/** The wake-up kinds: a key to rotate, a version to generate or destroy, a job to generate or expire. */
export const CRYPTO_KEY_KIND = "cloudkms.cryptoKey";
export const VERSION_KIND = "cloudkms.version";
export const IMPORT_JOB_KIND = "cloudkms.importJob";
