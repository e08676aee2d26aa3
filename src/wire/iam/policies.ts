import { create, fromJsonString, toJsonString } from "@bufbuild/protobuf";
import { type Policy, PolicySchema } from "../../gen/google/iam/v1/policy_pb.js";
import type { Migration, Store, StoreTransaction } from "../../platform/store/store.ts";
import { aborted } from "../errors.ts";
import { createAuditedPolicies } from "./audited-policies.ts";

/** IAM policies of resources of all services, by full resource name. */
export interface Policies {
  /** The policy; one without bindings (etag "ACAB", as Google answers) when none was set. */
  get(resource: string, transaction?: StoreTransaction): Promise<Policy>;
  /**
   * The policy for decisions that are made over and over: at most a second old where another process has changed it, and
   * as it is where this one has. Not to be changed.
   */
  recent(resource: string, nowMs: number): Promise<Policy>;
  /** The policies of projects that enable Data Access logs, by project id; at most ten seconds old. Not to be changed. */
  withAuditConfigs(nowMs: number): Promise<ReadonlyMap<string, Policy>>;
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

/** How long a policy may be remembered that another process may change. */
const RECENT_MS = 1_000;
/** Policies remembered at the same time. */
const MAX_RECENT = 10_000;

/** Policies over the store; resource names are given as the API writes them, prefixed by nothing. */
export function createPolicies(store: Store): Policies {
  const database = (transaction?: StoreTransaction) => transaction?.as<Tables>() ?? store.read<Tables>();
  const find = (resource: string, transaction?: StoreTransaction) =>
    database(transaction).selectFrom("iam_policies").selectAll().where("resource", "=", resource).executeTakeFirst();

  const get = async (resource: string, transaction?: StoreTransaction) => {
    const row = await find(resource, transaction);
    if (!row) return create(PolicySchema, { etag: etagOfVersion(0) });
    return { ...fromJsonString(PolicySchema, row.message), etag: etagOfVersion(row.version) };
  };
  const known = new Map<string, { readonly untilMs: number; readonly policy: Promise<Policy> }>();
  const audited = createAuditedPolicies(store);
  const forgetAfter = (transaction: StoreTransaction, resource: string) =>
    transaction.afterCommit(() => {
      known.delete(resource);
      audited.forget();
    });

  return {
    get,
    recent(resource, nowMs) {
      const remembered = known.get(resource);
      if (remembered !== undefined && nowMs < remembered.untilMs) return remembered.policy;
      const policy = get(resource);
      if (known.size >= MAX_RECENT) known.clear();
      known.set(resource, { untilMs: nowMs + RECENT_MS, policy });
      policy.catch(() => known.delete(resource));
      return policy;
    },
    withAuditConfigs: audited.get,
    async set(transaction, resource, policy) {
      const row = await find(resource, transaction);
      const current = etagOfVersion(row?.version ?? 0);
      if (policy.etag.length > 0 && !Buffer.from(policy.etag).equals(current)) throw concurrentPolicyChange();
      const version = (row?.version ?? 0) + 1;
      const stored = create(PolicySchema, {
        ...policy,
        version: schemaVersionOf(policy),
        etag: etagOfVersion(version),
      });
      const message = toJsonString(PolicySchema, stored);
      await database(transaction)
        .insertInto("iam_policies")
        .values({ resource, version, message })
        .onConflict((conflict) => conflict.column("resource").doUpdateSet({ version, message }))
        .execute();
      forgetAfter(transaction, resource);
      return stored;
    },
    async delete(transaction, resource) {
      await database(transaction).deleteFrom("iam_policies").where("resource", "=", resource).execute();
      forgetAfter(transaction, resource);
    },
  };
}

/** What Google answers whatever a client wrote: 3 with conditions, else 1. Google: policy.proto, Policy.version. */
function schemaVersionOf({ bindings }: Policy): number {
  return bindings.some(({ condition }) => condition !== undefined) ? 3 : 1;
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
