import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { RetiredResourceSchema } from "../../../gen/google/cloud/kms/v1/resources_pb.js";
import { DeleteCryptoKeyMetadataSchema, KeyManagementService } from "../../../gen/google/cloud/kms/v1/service_pb.js";
import { failedPrecondition } from "../../../wire/errors.ts";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { findKey } from "../find.ts";
import { finishedDeletion } from "../operation.ts";
import { newRow } from "../rows.ts";

/** KeyManagementService.DeleteCryptoKey: forgets a key without versions; its name is retired for good. */
export const deleteCryptoKey = (deps: Deps) =>
  rpc(
    KeyManagementService.method.deleteCryptoKey,
    { permission: "cloudkms.cryptoKeys.delete", audit: "ADMIN_WRITE" },
    ({ name }) =>
      deps.store.transact(async (transaction) => {
        await findKey(deps, name, transaction);
        const [version] = await deps.versions.list({ parent: name, limit: 1 }, transaction);
        if (version) throw failedPrecondition(`CryptoKey ${name} still has versions; delete them first.`);
        await deps.cryptoKeys.delete(transaction, name);
        await deps.policies.delete(transaction, name);
        const [uid, nowMs] = [deps.ids.uuid(), deps.clock.nowMs()];
        const retiredResource = `${name.split("/keyRings/")[0]}/retiredResources/${uid}`;
        const record = create(RetiredResourceSchema, {
          originalResource: name,
          resourceType: "cloudkms.googleapis.com/CryptoKey",
          deleteTime: timestampFromMs(nowMs),
        });
        await deps.retired.insert(
          transaction,
          newRow(RetiredResourceSchema, record, { name: retiredResource, uid, nowMs }),
        );
        return finishedDeletion(deps, transaction, name, DeleteCryptoKeyMetadataSchema, { retiredResource });
      }),
  );
