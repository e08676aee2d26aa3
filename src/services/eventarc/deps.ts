import type { ServiceDeps } from "../../wire/service-deps.ts";

/** What Eventarc needs of the rest of the server. */
export type EventarcDeps = Pick<
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
