import {
  create,
  type DescMessage,
  fromJsonString,
  type MessageInitShape,
  type MessageShape,
  type Registry,
  toJsonString,
} from "@bufbuild/protobuf";
import { anyPack } from "@bufbuild/protobuf/wkt";
import { type Operation, OperationSchema } from "../../gen/google/longrunning/operations_pb.js";
import type { Clock } from "../../platform/clock.ts";
import type { Store, StoreTransaction } from "../../platform/store/store.ts";
import type { ApiError } from "../errors.ts";
import { statusOf } from "../status.ts";
import { type ChangeNotices, createChangeNotices } from "../change-notices.ts";
import { createOperationStore, type OperationRow, type OperationStore } from "./store.ts";

/** An operation with what is kept beside the message. */
export interface StoredOperation {
  readonly operation: Operation;
  readonly service: string;
  readonly target: string;
  /** Raised by each write. */
  readonly version: number;
}

/** Long-running operations of all services; they outlive a restart and are kept after they are done. */
export interface LongRunningOperations {
  /** Writes a new unfinished operation in the caller's transaction. */
  create<Schema extends DescMessage>(
    transaction: StoreTransaction,
    operation: NewOperation<Schema>,
  ): Promise<Operation>;
  /** Replaces the metadata; no effect on one that is done. */
  setMetadata<Schema extends DescMessage>(
    transaction: StoreTransaction,
    name: string,
    schema: Schema,
    metadata: MessageInitShape<Schema>,
  ): Promise<void>;
  /** Finishes with a response message; no effect on one that is done. */
  succeed<Schema extends DescMessage>(
    transaction: StoreTransaction,
    name: string,
    schema: Schema,
    response: MessageShape<Schema>,
  ): Promise<void>;
  /** Finishes with an error; no effect on one that is done. */
  fail(transaction: StoreTransaction, name: string, error: ApiError): Promise<void>;
  get(name: string, transaction?: StoreTransaction): Promise<StoredOperation | undefined>;
  /** Unfinished operations of a resource, oldest first. */
  unfinishedOf(transaction: StoreTransaction, target: string): Promise<StoredOperation[]>;
  /** Resolves when the operation has another version than `version`, is done, or `timeoutMs` has passed. */
  waitForChange(name: string, version: number, timeoutMs: number, signal: AbortSignal): Promise<void>;
  list(query: { service?: string; parent: string; afterName?: string; limit: number }): Promise<StoredOperation[]>;
  delete(name: string): Promise<boolean>;
  /** Keeps a note for `onDone`; answers the operation when it is done already, and undefined else. */
  noteAudit(name: string, note: string): Promise<Operation | undefined>;
}

export interface NewOperation<Schema extends DescMessage> {
  /** projects/P/locations/L/operations/ID */
  readonly name: string;
  readonly service: string;
  readonly target: string;
  readonly metadataSchema: Schema;
  readonly metadata: MessageInitShape<Schema>;
}

export interface OperationsDeps {
  readonly store: Store;
  readonly clock: Clock;
  /** Knows every message type that metadata and responses may hold. */
  readonly registry: () => Registry;
  /** Called after the end of an operation that has a note. */
  readonly onDone?: (operation: Operation, note: string) => void;
}

/** Operations over the store. */
export function createOperations(deps: OperationsDeps): LongRunningOperations {
  const rows = createOperationStore(deps.store);
  const changes = createChangeNotices(deps.clock);
  const codec = createCodec(deps.registry);
  return {
    ...createReader(rows, codec, changes),
    ...createWriter(deps, rows, codec, changes),
    delete: (name) => rows.delete(name),
    noteAudit: (name, audit) =>
      // What the call's own entry is not sure to outlive, the note need not outlive either.
      deps.store.transactRelaxed(async (transaction) => {
        const row = await rows.get(name, transaction);
        if (row?.done) return codec.parse(row).operation;
        if (row) await rows.update(transaction, { ...row, audit });
        return undefined;
      }),
  };
}

type Codec = ReturnType<typeof createCodec>;

function createCodec(registry: () => Registry) {
  return {
    parse: (row: OperationRow): StoredOperation => ({
      operation: fromJsonString(OperationSchema, row.message, { registry: registry() }),
      service: row.service,
      target: row.target,
      version: row.version,
    }),
    print: (operation: Operation) => toJsonString(OperationSchema, operation, { registry: registry() }),
  };
}

type Reader = Pick<LongRunningOperations, "get" | "list" | "unfinishedOf" | "waitForChange">;

function createReader(rows: OperationStore, { parse }: Codec, changes: ChangeNotices): Reader {
  return {
    async get(name, transaction) {
      const row = await rows.get(name, transaction);
      return row && parse(row);
    },
    unfinishedOf: async (transaction, target) => (await rows.unfinishedOf(target, transaction)).map(parse),
    async waitForChange(name, version, timeoutMs, signal) {
      const changed = async () => {
        const row = await rows.get(name);
        return !row || row.done === 1 || row.version !== version;
      };
      await changes.waitUntil(name, changed, timeoutMs, signal);
    },
    list: async ({ service, parent, afterName, limit }) =>
      (await rows.list({ service, parent, afterName, limit })).map(parse),
  };
}

type Writer = Pick<LongRunningOperations, "create" | "setMetadata" | "succeed" | "fail">;

function createWriter(
  { clock, onDone }: OperationsDeps,
  rows: OperationStore,
  { parse, print }: Codec,
  changes: ChangeNotices,
): Writer {
  const change = async (transaction: StoreTransaction, name: string, edit: (operation: Operation) => void) => {
    const row = await rows.get(name, transaction);
    if (!row || row.done) return;
    const { operation } = parse(row);
    edit(operation);
    const done = operation.done ? 1 : 0;
    await rows.update(transaction, { ...row, done, version: row.version + 1, message: print(operation) });
    transaction.afterCommit(() => changes.notify(name));
    if (done && row.audit) transaction.afterCommit(() => onDone?.(operation, row.audit!));
  };
  const finish = (transaction: StoreTransaction, name: string, result: Operation["result"]) =>
    change(transaction, name, (operation) => Object.assign(operation, { done: true, result }));
  return {
    async create(transaction, { name, service, target, metadataSchema, metadata }) {
      const packed = anyPack(metadataSchema, create(metadataSchema, metadata));
      const operation = create(OperationSchema, { name, metadata: packed });
      const parent = name.slice(0, name.lastIndexOf("/operations/"));
      const create_time_ms = clock.nowMs();
      const row = {
        name,
        service,
        parent,
        target,
        done: 0,
        version: 1,
        message: print(operation),
        create_time_ms,
        audit: null,
      };
      await rows.insert(transaction, row as OperationRow);
      return operation;
    },
    setMetadata: (transaction, name, schema, metadata) =>
      change(transaction, name, (operation) => {
        operation.metadata = anyPack(schema, create(schema, metadata));
      }),
    succeed: (transaction, name, schema, response) =>
      finish(transaction, name, { case: "response", value: anyPack(schema, response) }),
    fail: (transaction, name, error) => finish(transaction, name, { case: "error", value: statusOf(error) }),
  };
}
