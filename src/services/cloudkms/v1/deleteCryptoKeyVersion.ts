import { CryptoKeyVersion_CryptoKeyVersionState as State } from "../../../gen/google/cloud/kms/v1/resources_pb.js";
import {
  DeleteCryptoKeyVersionMetadataSchema,
  KeyManagementService,
} from "../../../gen/google/cloud/kms/v1/service_pb.js";
import { failedPrecondition } from "../../../wire/errors.ts";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { wrongState } from "../errors.ts";
import { findVersion } from "../find.ts";
import { finishedDeletion } from "../operation.ts";

const DELETABLE: readonly State[] = [State.DESTROYED, State.IMPORT_FAILED, State.GENERATION_FAILED];

/** KeyManagementService.DeleteCryptoKeyVersion: forgets a version whose material is gone. */
export const deleteCryptoKeyVersion = (deps: Deps) =>
  rpc(
    KeyManagementService.method.deleteCryptoKeyVersion,
    { permission: "cloudkms.cryptoKeyVersions.delete", audit: "ADMIN_WRITE" },
    ({ name }) =>
      deps.store.transact(async (transaction) => {
        const { message } = await findVersion(deps, name, transaction);
        if (!DELETABLE.includes(message.state)) throw wrongState(message, DELETABLE);
        if (message.importJob !== "") throw failedPrecondition(`${name} was imported and cannot be deleted.`);
        await deps.versions.delete(transaction, name);
        return finishedDeletion(deps, transaction, name, DeleteCryptoKeyVersionMetadataSchema, {});
      }),
  );
