import type { Selectable } from "kysely";
import type { Store, StoreTransaction } from "../../../platform/store/store.ts";
import type { ServiceAccount, ServiceAccountKey } from "./account.ts";

interface AccountColumns {
  email: string;
  unique_id: string;
  project_id: string;
  display_name: string;
  description: string;
  disabled: number;
  deleted: number;
  version: number;
}

interface KeyColumns {
  id: string;
  email: string;
  type: "USER_MANAGED" | "SYSTEM_MANAGED";
  disabled: number;
  certificate: string;
  private_key: string | null;
  valid_after_time_ms: number;
  valid_before_time_ms: number;
}

interface Tables {
  service_accounts: AccountColumns;
  service_account_keys: KeyColumns;
}

/** A stored account; one that was deleted stays as a mark, so that its tokens are refused. */
export interface StoredAccount {
  readonly account: ServiceAccount;
  readonly deleted: boolean;
}

/** A stored key; `privateKey` (PKCS #8 PEM) only for system-managed ones. */
export interface StoredKey {
  readonly key: ServiceAccountKey;
  readonly privateKey: string | undefined;
}

/** All SQL of service accounts and their keys. */
export function createServiceAccountStore(store: Store) {
  const database = (transaction?: StoreTransaction) => transaction?.as<Tables>() ?? store.read<Tables>();
  const accounts = (transaction?: StoreTransaction) => database(transaction).selectFrom("service_accounts").selectAll();
  const keys = (transaction?: StoreTransaction) => database(transaction).selectFrom("service_account_keys").selectAll();
  return {
    async account(column: "email" | "unique_id", value: string, transaction?: StoreTransaction) {
      const row = await accounts(transaction).where(column, "=", value).executeTakeFirst();
      return row && toAccount(row);
    },
    async accountsOf(projectId: string, transaction?: StoreTransaction): Promise<StoredAccount[]> {
      const found = accounts(transaction).where("project_id", "=", projectId).orderBy("email");
      return (await found.execute()).map(toAccount);
    },
    async putAccount(transaction: StoreTransaction, stored: StoredAccount): Promise<void> {
      const { email, ...columns } = fromAccount(stored);
      await database(transaction)
        .insertInto("service_accounts")
        .values({ email, ...columns })
        .onConflict((conflict) => conflict.column("email").doUpdateSet(columns))
        .execute();
    },
    async keysOf(email: string, transaction?: StoreTransaction): Promise<StoredKey[]> {
      const found = keys(transaction).where("email", "=", email).orderBy("valid_after_time_ms").orderBy("id");
      return (await found.execute()).map(toKey);
    },
    async key(id: string, transaction?: StoreTransaction): Promise<StoredKey | undefined> {
      const row = await keys(transaction).where("id", "=", id).executeTakeFirst();
      return row && toKey(row);
    },
    async insertKey(transaction: StoreTransaction, key: StoredKey): Promise<void> {
      await database(transaction).insertInto("service_account_keys").values(fromKey(key)).execute();
    },
    async setKeyDisabled(transaction: StoreTransaction, id: string, disabled: boolean): Promise<void> {
      const update = database(transaction).updateTable("service_account_keys");
      await update
        .set({ disabled: disabled ? 1 : 0 })
        .where("id", "=", id)
        .execute();
    },
    async deleteKey(transaction: StoreTransaction, id: string): Promise<void> {
      await database(transaction).deleteFrom("service_account_keys").where("id", "=", id).execute();
    },
    async deleteKeysOf(transaction: StoreTransaction, email: string): Promise<void> {
      await database(transaction).deleteFrom("service_account_keys").where("email", "=", email).execute();
    },
    async deleteKeysExpiredBefore(transaction: StoreTransaction, email: string, timeMs: number): Promise<void> {
      const expired = database(transaction).deleteFrom("service_account_keys").where("email", "=", email);
      await expired.where("valid_before_time_ms", "<=", timeMs).execute();
    },
  };
}

function toAccount(row: Selectable<AccountColumns>): StoredAccount {
  const account = {
    email: row.email,
    uniqueId: row.unique_id,
    projectId: row.project_id,
    displayName: row.display_name,
    description: row.description,
    disabled: row.disabled === 1,
    version: row.version,
  };
  return { account, deleted: row.deleted === 1 };
}

function fromAccount({ account, deleted }: StoredAccount): AccountColumns {
  return {
    email: account.email,
    unique_id: account.uniqueId,
    project_id: account.projectId,
    display_name: account.displayName,
    description: account.description,
    disabled: account.disabled ? 1 : 0,
    deleted: deleted ? 1 : 0,
    version: account.version,
  };
}

function toKey(row: Selectable<KeyColumns>): StoredKey {
  const key = {
    id: row.id,
    email: row.email,
    type: row.type,
    disabled: row.disabled === 1,
    certificate: row.certificate,
    validAfterTimeMs: row.valid_after_time_ms,
    validBeforeTimeMs: row.valid_before_time_ms,
  };
  return { key, privateKey: row.private_key ?? undefined };
}

function fromKey({ key, privateKey }: StoredKey): KeyColumns {
  return {
    id: key.id,
    email: key.email,
    type: key.type,
    disabled: key.disabled ? 1 : 0,
    certificate: key.certificate,
    private_key: privateKey ?? null,
    valid_after_time_ms: key.validAfterTimeMs,
    valid_before_time_ms: key.validBeforeTimeMs,
  };
}
