import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  type CryptoKeyVersion,
  CryptoKeyVersion_CryptoKeyVersionState as State,
} from "../../../gen/google/cloud/kms/v1/resources_pb.js";
import {
  type ImportCryptoKeyVersionRequest,
  KeyManagementService,
} from "../../../gen/google/cloud/kms/v1/service_pb.js";
import { failedPrecondition, invalidArgument, unsupportedField } from "../../../wire/errors.ts";
import { rpc } from "../../../wire/rpc.ts";
import { algorithmNamed } from "../algorithms/algorithms.ts";
import { unwrapKey } from "../algorithms/unwrap.ts";
import type { Deps } from "../deps.ts";
import { invalidField } from "../errors.ts";
import { findImportJob, findKey } from "../find.ts";
import { isActive } from "../import-job.ts";
import { checkAlgorithm } from "../validate.ts";
import { insertVersion, versionOf } from "../version.ts";

/** KeyManagementService.ImportCryptoKeyVersion: a version of key material that came wrapped for an import job. */
export const importCryptoKeyVersion = (deps: Deps) =>
  rpc(
    KeyManagementService.method.importCryptoKeyVersion,
    { permission: "cloudkms.cryptoKeyVersions.create", audit: "ADMIN_WRITE" },
    async (request): Promise<CryptoKeyVersion> => {
      if (request.cryptoKeyVersion !== "") throw unsupportedField("crypto_key_version");
      if (request.trustedWrappingEnabled) throw unsupportedField("trusted_wrapping_enabled");
      const { message: key } = await findKey(deps, request.parent);
      checkAlgorithm(request.algorithm, key.purpose, "algorithm");
      const material = await unwrapped(deps, request);
      if (!algorithmNamed(request.algorithm)!.accepts(material))
        throw invalidField("wrapped_key", "The key material does not have the form or size that the algorithm needs.");
      const { parent, algorithm, importJob } = request;
      const importTime = timestampFromMs(deps.clock.nowMs());
      return deps.store.transact(async (transaction) => {
        const version = { algorithm, importJob, importTime, state: State.ENABLED };
        const row = await insertVersion(deps, transaction, parent, version);
        await deps.material.put(transaction, row.name, material);
        return versionOf(row);
      });
    },
  );

async function unwrapped(deps: Deps, request: ImportCryptoKeyVersionRequest): Promise<Buffer> {
  const { message: job } = await findImportJob(deps, request.importJob);
  const jobKey = await deps.material.get(request.importJob);
  if (!jobKey || !isActive(job, deps.clock.nowMs()))
    throw failedPrecondition(`ImportJob ${request.importJob} is not ACTIVE.`);
  const { wrappedKey, wrappedKeyMaterial } = request;
  const legacy = wrappedKeyMaterial.value ?? new Uint8Array();
  if (wrappedKey.length > 0 === legacy.length > 0)
    throw invalidField("wrapped_key", "Exactly one of wrapped_key and rsa_aes_wrapped_key must be specified.");
  try {
    return unwrapKey(job.importMethod, jobKey, wrappedKey.length > 0 ? wrappedKey : legacy);
  } catch {
    throw invalidArgument("The wrapped key could not be unwrapped with the key of the ImportJob.");
  }
}
