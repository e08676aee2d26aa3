import type { ServiceDeps } from "../../wire/service-deps.ts";
import type { EventarcTables } from "./store.ts";

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
  | "addresses"
>;

/** What the parts of the service share. */
export interface Deps extends EventarcDeps, EventarcTables {}

/** The wake-up kinds; keys are full names. */
export const TRIGGER_KIND = "eventarc.trigger";
export const CHANNEL_KIND = "eventarc.channel";
export const PIPELINE_KIND = "eventarc.pipeline";
