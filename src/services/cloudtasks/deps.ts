import type { ServiceDeps } from "../../wire/service-deps.ts";

/** What CloudTasks needs of the rest of the server. */
export type CloudTasksDeps = Pick<
  ServiceDeps,
  | "store"
  | "wakeups"
  | "clock"
  | "ids"
  | "log"
  | "operations"
  | "policies"
  | "projects"
  | "tokens"
  | "serviceAccounts"
  | "clients"
  | "fetchInProcess"
  | "outgoing"
  | "addresses"
>;
