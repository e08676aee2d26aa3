import { durationMs } from "@bufbuild/protobuf/wkt";
import { Operations } from "../../gen/google/longrunning/operations_pb.js";
import { notFound, unimplemented } from "../errors.ts";
import { decodePageToken, pageOf, pageSizeOf } from "../paging.ts";
import { type Rpc, rpc } from "../rpc.ts";
import type { ServiceModule } from "../service-module.ts";
import type { LongRunningOperations } from "./operations.ts";

/** How long GetOperation holds an answer that the caller has already seen, ms. */
const HOLD_MS = 10_000;
/** Longest WaitOperation, ms. */
const MAX_WAIT_MS = 300_000;

/**
 * google.longrunning.Operations for all services. A second GetOperation of an unchanged operation is held until it
 * changes (at most 10 s), so that pollers with growing pauses learn of the end at once.
 */
export function operationRpcs(operations: LongRunningOperations, modules: () => readonly ServiceModule[]): Rpc[] {
  const lastSeen = new Map<string, number>();
  const read = async (name: string) => {
    const stored = await operations.get(name);
    if (!stored) throw notFound(name, `Resource '${name}' was not found`);
    return stored;
  };
  const readFresh = async (name: string, signal: AbortSignal) => {
    const stored = await read(name);
    if (stored.operation.done || lastSeen.get(name) !== stored.version) return stored;
    await operations.waitForChange(name, stored.version, HOLD_MS, signal);
    return read(name);
  };
  return [
    rpc(Operations.method.getOperation, { permission: "none", audit: "none" }, async ({ name }, call) => {
      const { operation, version } = await readFresh(name, call.signal);
      if (operation.done) lastSeen.delete(name);
      else lastSeen.set(name, version);
      return operation;
    }),
    rpc(Operations.method.waitOperation, { permission: "none", audit: "none" }, async ({ name, timeout }, call) => {
      const stored = await read(name);
      const waitMs = timeout ? Math.min(durationMs(timeout), MAX_WAIT_MS) : MAX_WAIT_MS;
      await waitUntilDone(operations, name, stored.version, waitMs, call.signal);
      return (await read(name)).operation;
    }),
    rpc(Operations.method.listOperations, { permission: "none", audit: "none" }, async (request) => {
      const { name: parent, pageToken } = request;
      const pageSize = pageSizeOf(request.pageSize, 100, 1000);
      const cursor = decodePageToken(pageToken, `operations/${parent}`);
      const query = { parent, limit: pageSize + 1, ...(cursor && { afterName: cursor.after }) };
      const rows = await operations.list(query);
      const { page, nextPageToken } = pageOf(rows, pageSize, (row) => row.operation.name, `operations/${parent}`);
      return { operations: page.map((row) => row.operation), nextPageToken };
    }),
    rpc(Operations.method.deleteOperation, { permission: "none", audit: "none" }, async ({ name }) => {
      if (!(await operations.delete(name))) throw notFound(name);
      return {};
    }),
    rpc(Operations.method.cancelOperation, { permission: "none", audit: "none" }, async ({ name }, call) => {
      const { service, operation } = await read(name);
      const cancel = modules().find((module) => module.name === service)?.cancelOperation;
      if (!cancel) throw unimplemented(`Cancelling operations of ${service}.googleapis.com`);
      if (!operation.done) await cancel(name, call);
      return {};
    }),
  ];
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
