import type { ServiceDeps } from "../../wire/service-deps.ts";
import type { MonitoringStore } from "./store.ts";

/** What Cloud Monitoring needs of the rest of the server. */
export type MonitoringDeps = Pick<ServiceDeps, "store" | "clock" | "wakeups" | "projects">;

/** What the RPCs of this service share. */
export interface Deps extends MonitoringDeps {
  readonly monitoring: MonitoringStore;
}
