import { createHash } from "node:crypto";
import type { Clock } from "../../platform/clock.ts";
import type { Store } from "../../platform/store/store.ts";

interface Tables {
  revoked_tokens: { digest: string; expire_time_ms: number | null };
}

/** Tokens that were given back before they expired; kept in the store by their digest, until they would have expired. */
export interface Revocations {
  has(token: string): Promise<boolean>;
  /** `expireTimeMs` is infinite for a token that does not expire. */
  add(token: string, expireTimeMs: number): Promise<void>;
}

export function createRevocations(store: Store, clock: Clock): Revocations {
  return {
    async has(token) {
      const rows = store.read<Tables>().selectFrom("revoked_tokens").select("digest");
      return (await rows.where("digest", "=", digestOf(token)).executeTakeFirst()) !== undefined;
    },
    async add(token, expireTimeMs) {
      const row = { digest: digestOf(token), expire_time_ms: Number.isFinite(expireTimeMs) ? expireTimeMs : null };
      await store.transact(async (transaction) => {
        const database = transaction.as<Tables>();
        await database.deleteFrom("revoked_tokens").where("expire_time_ms", "<=", clock.nowMs()).execute();
        const insert = database.insertInto("revoked_tokens").values(row);
        await insert.onConflict((conflict) => conflict.doNothing()).execute();
      });
    },
  };
}

function digestOf(token: string): string {
  return createHash("sha256").update(token).digest("base64url");
}
