import { KeyManagementService } from "../../gen/google/cloud/kms/v1/service_pb.js";
import type { IamResource, ServiceModule } from "../../wire/service-module.ts";
import { type CloudKmsDeps, type Deps, VERSION_KIND } from "./deps.ts";
import { findImportJob, findKey, findKeyRing } from "./find.ts";
import { POLICY_PATTERNS } from "./names.ts";
import { reconcilers } from "./reconcile.ts";
import { createTables, migrations } from "./store.ts";
import { asymmetricDecrypt } from "./v1/asymmetricDecrypt.ts";
import { asymmetricSign } from "./v1/asymmetricSign.ts";
import { createCryptoKey } from "./v1/createCryptoKey.ts";
import { createCryptoKeyVersion } from "./v1/createCryptoKeyVersion.ts";
import { createImportJob } from "./v1/createImportJob.ts";
import { createKeyRing } from "./v1/createKeyRing.ts";
import { decapsulate } from "./v1/decapsulate.ts";
import { decrypt } from "./v1/decrypt.ts";
import { deleteCryptoKey } from "./v1/deleteCryptoKey.ts";
import { deleteCryptoKeyVersion } from "./v1/deleteCryptoKeyVersion.ts";
import { destroyCryptoKeyVersion } from "./v1/destroyCryptoKeyVersion.ts";
import { encrypt } from "./v1/encrypt.ts";
import { getCryptoKey } from "./v1/getCryptoKey.ts";
import { getCryptoKeyVersion } from "./v1/getCryptoKeyVersion.ts";
import { getImportJob } from "./v1/getImportJob.ts";
import { getKeyRing } from "./v1/getKeyRing.ts";
import { getPublicKey } from "./v1/getPublicKey.ts";
import { getRetiredResource } from "./v1/getRetiredResource.ts";
import { importCryptoKeyVersion } from "./v1/importCryptoKeyVersion.ts";
import { listCryptoKeyVersions } from "./v1/listCryptoKeyVersions.ts";
import { listCryptoKeys } from "./v1/listCryptoKeys.ts";
import { listImportJobs } from "./v1/listImportJobs.ts";
import { listKeyRings } from "./v1/listKeyRings.ts";
import { listRetiredResources } from "./v1/listRetiredResources.ts";
import { macSign } from "./v1/macSign.ts";
import { macVerify } from "./v1/macVerify.ts";
import { rawDecrypt } from "./v1/rawDecrypt.ts";
import { rawEncrypt } from "./v1/rawEncrypt.ts";
import { restoreCryptoKeyVersion } from "./v1/restoreCryptoKeyVersion.ts";
import { updateCryptoKey } from "./v1/updateCryptoKey.ts";
import { updateCryptoKeyPrimaryVersion } from "./v1/updateCryptoKeyPrimaryVersion.ts";
import { updateCryptoKeyVersion } from "./v1/updateCryptoKeyVersion.ts";

const RPCS = [
  asymmetricDecrypt,
  asymmetricSign,
  createCryptoKey,
  createCryptoKeyVersion,
  createImportJob,
  createKeyRing,
  decapsulate,
  decrypt,
  deleteCryptoKey,
  deleteCryptoKeyVersion,
  destroyCryptoKeyVersion,
  encrypt,
  getCryptoKey,
  getCryptoKeyVersion,
  getImportJob,
  getKeyRing,
  getPublicKey,
  getRetiredResource,
  importCryptoKeyVersion,
  listCryptoKeyVersions,
  listCryptoKeys,
  listImportJobs,
  listKeyRings,
  listRetiredResources,
  macSign,
  macVerify,
  rawDecrypt,
  rawEncrypt,
  restoreCryptoKeyVersion,
  updateCryptoKey,
  updateCryptoKeyPrimaryVersion,
  updateCryptoKeyVersion,
];

/** cloudkms.googleapis.com: keys, and what is done with them. Key material leaves neither the process nor, in clear, memory. */
export function cloudkms(given: CloudKmsDeps): ServiceModule {
  const deps: Deps = { ...given, ...createTables(given.store, given.seal) };
  return {
    name: "cloudkms",
    services: [KeyManagementService],
    rpcs: RPCS.map((define) => define(deps)),
    mixinVersions: ["v1"],
    iamResources: iamResources(deps),
    migrations,
    reconcilers: reconcilers(deps),
    scans: [{ kind: VERSION_KIND, keys: () => deps.versions.unfinishedNames() }],
  };
}

function iamResources(deps: Deps): IamResource[] {
  const find = { keyRings: findKeyRing, cryptoKeys: findKey, importJobs: findImportJob } as const;
  return Object.entries(POLICY_PATTERNS).map(([template, pattern]) => ({
    template,
    pattern,
    assertExists: async (name) => void (await find[name.split("/").at(-2) as keyof typeof find](deps, name)),
  }));
}
