import { create, fromJsonString, toJsonString } from "@bufbuild/protobuf";
import { type Policy, PolicySchema } from "../../gen/google/iam/v1/policy_pb.js";
import type { Migration, Store, StoreTransaction } from "../../platform/store/store.ts";
import { aborted } from "../errors.ts";

/** IAM policies of resources of all services, by full resource name. */
export interface Policies {
  /** The policy; one without bindings (etag "ACAB", as Google answers) when none was set. */
  get(resource: string, transaction?: StoreTransaction): Promise<Policy>;
  /** Replaces the policy; ABORTED when `policy.etag` is given and is not the current one. */
  set(transaction: StoreTransaction, resource: string, policy: Policy): Promise<Policy>;
  /** Forgets the policy of a deleted resource. */
  delete(transaction: StoreTransaction, resource: string): Promise<void>;
}

interface Tables {
  iam_policies: { resource: string; version: number; message: string };
}

export const policyMigrations: readonly Migration[] = [
  {
    name: "001-iam-policies",
    async up(database) {
      await database.schema
        .createTable("iam_policies")
        .addColumn("resource", "text", (column) => column.primaryKey())
        .addColumn("version", "integer", (column) => column.notNull())
        .addColumn("message", "text", (column) => column.notNull())
        .execute();
    },
  },
];

/** Policies over the store; resource names are given as the API writes them, prefixed by nothing. */
export function createPolicies(store: Store): Policies {
  const database = (transaction?: StoreTransaction) => transaction?.as<Tables>() ?? store.read<Tables>();
  const find = (resource: string, transaction?: StoreTransaction) =>
    database(transaction).selectFrom("iam_policies").selectAll().where("resource", "=", resource).executeTakeFirst();

  return {
    async get(resource, transaction) {
      const row = await find(resource, transaction);
      if (!row) return create(PolicySchema, { etag: etagOfVersion(0) });
      return { ...fromJsonString(PolicySchema, row.message), etag: etagOfVersion(row.version) };
    },
    async set(transaction, resource, policy) {
      const row = await find(resource, transaction);
      const current = etagOfVersion(row?.version ?? 0);
      if (policy.etag.length > 0 && !Buffer.from(policy.etag).equals(current)) throw concurrentPolicyChange();
      const version = (row?.version ?? 0) + 1;
      const stored = create(PolicySchema, { ...policy, etag: etagOfVersion(version) });
      const message = toJsonString(PolicySchema, stored);
      await database(transaction)
        .insertInto("iam_policies")
        .values({ resource, version, message })
        .onConflict((conflict) => conflict.column("resource").doUpdateSet({ version, message }))
        .execute();
      return stored;
    },
    async delete(transaction, resource) {
      await database(transaction).deleteFrom("iam_policies").where("resource", "=", resource).execute();
    },
  };
}

/** Three bytes, so that version 0 reads "ACAB" in base64, as the etag of Google's empty policy does. */
function etagOfVersion(version: number): Buffer {
  const etag = Buffer.alloc(version === 0 ? 3 : 8);
  if (version === 0) etag.set([0x00, 0x20, 0x01]);
  else etag.writeBigUInt64BE(BigInt(version));
  return etag;
}

function concurrentPolicyChange() {
  return aborted(
    "There were concurrent policy changes. Please retry the whole read-modify-write with exponential backoff.",
  );
}
