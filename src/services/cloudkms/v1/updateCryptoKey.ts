import { CryptoKeySchema, type CryptoKey } from "../../../gen/google/cloud/kms/v1/resources_pb.js";
import { KeyManagementService } from "../../../gen/google/cloud/kms/v1/service_pb.js";
import { applyFieldMask } from "../../../wire/field-mask.ts";
import { rpc } from "../../../wire/rpc.ts";
import { rotationMs, withPrimary } from "../crypto-key.ts";
import { CRYPTO_KEY_KIND, type Deps } from "../deps.ts";
import { invalidField } from "../errors.ts";
import { findKey } from "../find.ts";
import { changedRow } from "../rows.ts";
import { validateKey } from "../validate.ts";

/** What can be changed in a key. Google: cloud.google.com/kms/docs/reference/rest, cryptoKeys.patch. */
const CHANGEABLE = /^(labels|next_rotation_time|rotation_period|version_template|version_template\.algorithm)$/;

/** KeyManagementService.UpdateCryptoKey: labels, rotation, and the algorithm of versions to come. */
export const updateCryptoKey = (deps: Deps) =>
  rpc(
    KeyManagementService.method.updateCryptoKey,
    { permission: "cloudkms.cryptoKeys.update", audit: "ADMIN_WRITE" },
    async ({ cryptoKey, updateMask }) => {
      const fixed = updateMask!.paths.find((path) => !CHANGEABLE.test(path));
      if (fixed !== undefined) throw invalidField("update_mask", `The field ${fixed} cannot be updated.`);
      const row = await deps.store.transact(async (transaction) => {
        const { row, message } = await findKey(deps, cryptoKey!.name, transaction);
        const changed = applyFieldMask(CryptoKeySchema, message, cryptoKey!, updateMask!);
        const nowMs = deps.clock.nowMs();
        validateKey(isRotationSame(message, changed) ? withoutRotation(changed) : changed, nowMs);
        const dueMs = rotationMs(changed);
        if (dueMs !== undefined) await deps.wakeups.wake(transaction, CRYPTO_KEY_KIND, row.name, dueMs);
        return deps.cryptoKeys.update(transaction, changedRow(row, CryptoKeySchema, changed, nowMs));
      });
      return withPrimary(deps, row);
    },
  );

function isRotationSame(before: CryptoKey, after: CryptoKey): boolean {
  const [one, other] = [before.rotationSchedule.value?.seconds, after.rotationSchedule.value?.seconds];
  return rotationMs(before) === rotationMs(after) && one === other;
}

/** A rotation that is just due is in the past, and no fault of the change. */
function withoutRotation(given: CryptoKey): CryptoKey {
  const { nextRotationTime: _due, ...key } = given;
  return { ...key, rotationSchedule: { case: undefined } };
}
