import { fromJson, type JsonObject, type JsonValue, toJson } from "@bufbuild/protobuf";
import { type Instance, InstanceSchema } from "../../../gen/google/cloud/run/v2/instance_pb.js";
import { createResourceTable } from "../../../platform/store/create-resource-table.ts";
import type { ResourceQuery, ResourceRow } from "../../../platform/store/resource-table.ts";
import type { Store, StoreTransaction } from "../../../platform/store/store.ts";
import { rowOf } from "../resource-row.ts";

/** What is kept of an instance beside its message. */
export interface HiddenInstance {
  /** Id of the operation of the last change. */
  readonly operationId: string;
  /** What it is to do. EXITED: it ended with code 0, so that it is not started again until somebody asks for that. */
  readonly intent: "RUN" | "STOP" | "EXITED";
}

/** A stored instance; `version` grows with each write and is the base of etags. */
export interface InstanceRecord {
  readonly instance: Instance;
  readonly hidden: HiddenInstance;
  readonly version: number;
}

/** Instances as rows; every statement about them goes through here. */
export function createInstanceStore(store: Store) {
  const table = createResourceTable(store, "run_instances");
  const list = async (query: ResourceQuery) => (await table.list(query)).map(instanceOf);
  return {
    async get(name: string, transaction?: StoreTransaction): Promise<InstanceRecord | undefined> {
      const row = await table.get(name, transaction);
      return row && instanceOf(row);
    },
    /** Rejects with DuplicateResourceError when the name is taken. */
    insert: (transaction: StoreTransaction, record: InstanceRecord) => table.insert(transaction, instanceRow(record)),
    /** Rejects with StaleResourceError when the stored version is not the record's. */
    update: async (transaction: StoreTransaction, record: InstanceRecord) =>
      instanceOf(await table.update(transaction, instanceRow(record))),
    delete: (transaction: StoreTransaction, name: string) => table.delete(transaction, name),
    list,
    all: { list, nameOf: ({ instance }: InstanceRecord) => instance.name },
    unfinished: () => table.unfinishedNames(),
  };
}

export type InstanceStore = ReturnType<typeof createInstanceStore>;

function instanceOf(row: ResourceRow): InstanceRecord {
  const { instance, ...hidden } = JSON.parse(row.message) as JsonObject;
  return {
    instance: fromJson(InstanceSchema, instance as JsonValue),
    hidden: hidden as unknown as HiddenInstance,
    version: row.version,
  };
}

function instanceRow({ instance, hidden, version }: InstanceRecord): ResourceRow {
  const message = JSON.stringify({ ...hidden, instance: toJson(InstanceSchema, instance) });
  return { ...rowOf(instance, version), message, unfinished: instance.reconciling };
}
