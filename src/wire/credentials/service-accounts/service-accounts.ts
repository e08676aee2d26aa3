import type { Clock } from "../../../platform/clock.ts";
import type { Store, StoreTransaction } from "../../../platform/store/store.ts";
import type { Projects } from "../../projects/projects.ts";
import type { ServiceAccount } from "./account.ts";
import { defaultAccountOf, defaultAccountsOf } from "./default-accounts.ts";
import { createServiceAccountKeys, type ServiceAccountKeys } from "./keys.ts";
import { createServiceAccountStore } from "./store.ts";

/** The service accounts of all projects: those that were created, and the default ones that every project has. */
export interface ServiceAccounts {
  /** The account of an e-mail address or unique id; undefined when there is none, or it was deleted. */
  find(emailOrUniqueId: string, transaction?: StoreTransaction): Promise<ServiceAccount | undefined>;
  /** All accounts of a project by e-mail address, without those that only Google's services use. */
  list(projectId: string, transaction?: StoreTransaction): Promise<ServiceAccount[]>;
  /** Writes an account, new or changed; answers it at its next version. */
  save(transaction: StoreTransaction, account: ServiceAccount): Promise<ServiceAccount>;
  /** Deletes an account and its keys. */
  delete(transaction: StoreTransaction, account: ServiceAccount): Promise<void>;
  /** Whether credentials of an account do not count, since it is disabled or was deleted. */
  isBlocked(email: string): Promise<boolean>;
  readonly keys: ServiceAccountKeys;
}

export interface ServiceAccountsDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly projects: Projects;
}

/** Service accounts over the store. */
export function createServiceAccounts({ store, clock, projects }: ServiceAccountsDeps): ServiceAccounts {
  const rows = createServiceAccountStore(store);
  const accounts: Omit<ServiceAccounts, "keys"> = {
    async find(emailOrUniqueId, transaction) {
      const isUniqueId = /^\d+$/.test(emailOrUniqueId);
      const row = await rows.account(isUniqueId ? "unique_id" : "email", emailOrUniqueId, transaction);
      if (row) return row.deleted ? undefined : row.account;
      return isUniqueId ? defaultAccountWithId(emailOrUniqueId) : defaultAccountOf(emailOrUniqueId, projects);
    },
    async list(projectId, transaction) {
      const stored = await rows.accountsOf(projectId, transaction);
      const project = projects.get(projectId);
      const defaults = (project ? defaultAccountsOf(project) : []).filter(
        ({ email }) => !stored.some(({ account }) => account.email === email),
      );
      const all = [...stored.filter(({ deleted }) => !deleted).map(({ account }) => account), ...defaults];
      const own = all.filter(({ email }) => !email.endsWith("@cloudbuild.gserviceaccount.com"));
      return own.sort((a, b) => (a.email < b.email ? -1 : 1));
    },
    async save(transaction, account) {
      const before = await rows.account("email", account.email, transaction);
      const saved = { ...account, version: (before?.account.version ?? 0) + 1 };
      await rows.putAccount(transaction, { account: saved, deleted: false });
      return saved;
    },
    async delete(transaction, account) {
      await rows.putAccount(transaction, { account: { ...account, version: account.version + 1 }, deleted: true });
      await rows.deleteKeysOf(transaction, account.email);
    },
    async isBlocked(email) {
      if (!email.endsWith("gserviceaccount.com")) return false;
      const row = await rows.account("email", email);
      return row !== undefined && (row.deleted || row.account.disabled);
    },
  };
  return { ...accounts, keys: createServiceAccountKeys({ store, clock, rows, isBlocked: accounts.isBlocked }) };

  function defaultAccountWithId(uniqueId: string): ServiceAccount | undefined {
    return projects
      .list()
      .flatMap(defaultAccountsOf)
      .find((account) => account.uniqueId === uniqueId);
  }
}
