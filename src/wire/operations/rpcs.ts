import { durationMs } from "@bufbuild/protobuf/wkt";
import { Operations } from "../../gen/google/longrunning/operations_pb.js";
import { notFound, unimplemented } from "../errors.ts";
import { decodePageToken, pageOf, pageSizeOf } from "../paging.ts";
import { type Rpc, rpc } from "../rpc.ts";
import type { ServiceModule } from "../service-module.ts";
import type { LongRunningOperations, StoredOperation } from "./operations.ts";

/** How long GetOperation holds an answer that the caller has already seen, ms. */
const HOLD_MS = 10_000;
/** Readers remembered; forgetting them only means that nobody's next answer is held. */
const MAX_READERS = 10_000;
/** Longest WaitOperation, ms. */
const MAX_WAIT_MS = 300_000;

/**
 * google.longrunning.Operations for all services. A second GetOperation of an unchanged operation by the same
 * client is held until it changes (at most 10 s), so that pollers with growing pauses learn of the end at once.
 */
export function operationRpcs(operations: LongRunningOperations, modules: () => readonly ServiceModule[]): Rpc[] {
  return [
    getOperation(operations),
    waitOperation(operations),
    listOperations(operations),
    deleteOperation(operations),
    cancelOperation(operations, modules),
  ];
}

async function read(operations: LongRunningOperations, name: string): Promise<StoredOperation> {
  const stored = await operations.get(name);
  if (!stored) throw notFound(name);
  return stored;
}

function getOperation(operations: LongRunningOperations): Rpc {
  const lastSeen = new Map<string, number>();
  const readFresh = async (name: string, reader: string, signal: AbortSignal) => {
    const stored = await read(operations, name);
    if (stored.operation.done || lastSeen.get(reader) !== stored.version) return stored;
    await operations.waitForChange(name, stored.version, HOLD_MS, signal);
    return read(operations, name);
  };
  const policy = { permission: "longrunning.operations.get", audit: "none" } as const;
  return rpc(Operations.method.getOperation, policy, async ({ name }, call) => {
    // gcloud's user agent differs between invocations, so somebody else's first look is answered at once.
    const reader = `${name} ${call.callerIp} ${call.userAgent}`;
    const { operation, version } = await readFresh(name, reader, call.signal);
    if (lastSeen.size >= MAX_READERS) lastSeen.clear();
    if (operation.done) lastSeen.delete(reader);
    else lastSeen.set(reader, version);
    return operation;
  });
}

function waitOperation(operations: LongRunningOperations): Rpc {
  const policy = { permission: "longrunning.operations.wait", audit: "none" } as const;
  return rpc(Operations.method.waitOperation, policy, async ({ name, timeout }, call) => {
    const { version } = await read(operations, name);
    const waitMs = timeout ? Math.min(durationMs(timeout), MAX_WAIT_MS) : MAX_WAIT_MS;
    await waitUntilDone(operations, name, version, waitMs, call.signal);
    return (await read(operations, name)).operation;
  });
}

function listOperations(operations: LongRunningOperations): Rpc {
  const policy = { permission: "longrunning.operations.list", audit: "none" } as const;
  return rpc(Operations.method.listOperations, policy, async (request) => {
    const { name: parent, pageToken } = request;
    const pageSize = pageSizeOf(request.pageSize, 100, 1000);
    const cursor = decodePageToken(pageToken, `operations/${parent}`);
    const query = { parent, limit: pageSize + 1, ...(cursor && { afterName: cursor.after }) };
    const rows = await operations.list(query);
    const { page, nextPageToken } = pageOf(rows, pageSize, (row) => row.operation.name, `operations/${parent}`);
    return { operations: page.map((row) => row.operation), nextPageToken };
  });
}

function deleteOperation(operations: LongRunningOperations): Rpc {
  const policy = { permission: "longrunning.operations.delete", audit: "none" } as const;
  return rpc(Operations.method.deleteOperation, policy, async ({ name }) => {
    if (!(await operations.delete(name))) throw notFound(name);
    return {};
  });
}

function cancelOperation(operations: LongRunningOperations, modules: () => readonly ServiceModule[]): Rpc {
  const policy = { permission: "longrunning.operations.cancel", audit: "none" } as const;
  return rpc(Operations.method.cancelOperation, policy, async ({ name }, call) => {
    const { service, operation } = await read(operations, name);
    const cancel = modules().find((module) => module.name === service)?.cancelOperation;
    if (!cancel) throw unimplemented(`Cancelling operations of ${service}.googleapis.com`);
    if (!operation.done) await cancel(name, call);
    return {};
  });
}

async function waitUntilDone(
  operations: LongRunningOperations,
  name: string,
  version: number,
  waitMs: number,
  signal: AbortSignal,
): Promise<void> {
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(waitMs)]);
  let seen = version;
  while (!deadline.aborted) {
    await operations.waitForChange(name, seen, waitMs, deadline);
    const now = await operations.get(name);
    if (!now || now.operation.done) return;
    seen = now.version;
  }
}
