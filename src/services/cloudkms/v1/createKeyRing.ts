import { KeyRingSchema } from "../../../gen/google/cloud/kms/v1/resources_pb.js";
import { KeyManagementService } from "../../../gen/google/cloud/kms/v1/service_pb.js";
import { DuplicateResourceError } from "../../../platform/store/resource-table.ts";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { resourceExists } from "../errors.ts";
import { keyRingOf } from "../find.ts";
import { checkName, childName } from "../names.ts";
import { newRow } from "../rows.ts";

/** KeyManagementService.CreateKeyRing. A key ring is for good. */
export const createKeyRing = (deps: Deps) =>
  rpc(
    KeyManagementService.method.createKeyRing,
    { permission: "cloudkms.keyRings.create", audit: "ADMIN_WRITE" },
    async ({ parent, keyRingId, keyRing }) => {
      checkName("location", parent, "parent");
      const name = childName(parent, "keyRings", keyRingId, "key_ring_id");
      const row = newRow(KeyRingSchema, keyRing!, { name, uid: deps.ids.uuid(), nowMs: deps.clock.nowMs() });
      try {
        await deps.store.transact((transaction) => deps.keyRings.insert(transaction, row));
      } catch (error) {
        if (error instanceof DuplicateResourceError) throw resourceExists("KeyRing", name);
        throw error;
      }
      return keyRingOf(row);
    },
  );
