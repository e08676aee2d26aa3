import { generateKeyPairSync } from "node:crypto";
import { attestationKeyOf } from "../../src/oci/attestations/attestation-key.ts";
import { createDistributionClient } from "../../src/oci/distribution/client.ts";
import { systemClock } from "../../src/platform/clock.ts";

const EMPTY = { env: {}, entrypoint: [], cmd: [], workingDir: "", user: "", labels: {}, diffIds: [] };

/** What Cloud Build vouches with, where no image is pushed or looked into: a key, and a registry that has none of the images. */
export function attestationParts() {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const errors = [{ code: "MANIFEST_UNKNOWN", message: "manifest unknown" }];
  const fetch = async () => Response.json({ errors }, { status: 404 });
  return {
    images: { ensure: async () => ({ digest: "", config: EMPTY, layers: [] }) },
    sboms: { componentsOf: async () => [] },
    attestationKey: attestationKeyOf(privateKey, "test"),
    registry: createDistributionClient({ fetch, clock: systemClock }),
  };
}
