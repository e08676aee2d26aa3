import type { StoreTransaction } from "../../platform/store/store.ts";
import type { Deps } from "./deps.ts";
import { versionsOf } from "./find.ts";

/** Deletes a secret with its versions, what they hold, and its policy. */
export async function deleteWhole(deps: Deps, transaction: StoreTransaction, name: string): Promise<void> {
  for (const version of await versionsOf(deps, name, transaction)) {
    await deps.payloads.delete(transaction, version.name);
    await deps.versions.delete(transaction, version.name);
  }
  await deps.secrets.delete(transaction, name);
  await deps.policies.delete(transaction, name);
}
