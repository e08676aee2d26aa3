import type { Clock } from "../../src/platform/clock.ts";
import { pubsub } from "../../src/services/pubsub/module.ts";
import { storage } from "../../src/services/storage/module.ts";
import { type BootedApi, bootApi } from "./boot-api.ts";

/** Pub/Sub, and the buckets that it writes to. */
export function bootPubsubWithStorage(clock: Clock): Promise<BootedApi> {
  return bootApi((deps) => [pubsub(deps), storage({ ...deps, publicKeysOf: async () => [] })], { clock });
}
