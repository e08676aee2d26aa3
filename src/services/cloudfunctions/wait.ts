import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { type Operation, Operations } from "../../gen/google/longrunning/operations_pb.js";
import type { Deps } from "./deps.ts";
import { agentOf } from "./function-name.ts";

/** How long one look at a function may wait for another service, so that other functions get their turn. */
const WAIT_MS = 2000;

/** Waits a moment for an operation of another service; resolves with it as it then is. */
export function waitAWhile(
  { clients }: Pick<Deps, "clients">,
  project: string,
  name: string,
  signal: AbortSignal,
): Promise<Operation> {
  const operations = clients.of(Operations, agentOf(project), signal);
  return operations.waitOperation({ name, timeout: durationFromMs(WAIT_MS) });
}
