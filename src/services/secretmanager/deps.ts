import type { Seal } from "../../platform/seal.ts";
import type { ServiceDeps } from "../../wire/service-deps.ts";
import type { SecretEvents } from "./events/secret-events.ts";
import type { SecretTables } from "./store.ts";

/** What Secret Manager needs of the rest of the server. */
export interface SecretManagerDeps extends Pick<
  ServiceDeps,
  "store" | "wakeups" | "clock" | "ids" | "policies" | "projects" | "clients" | "log"
> {
  /** Keeps payloads confidential at rest. */
  readonly seal: Seal;
}

/** What its methods share. */
export interface Deps extends SecretManagerDeps, SecretTables {
  readonly events: SecretEvents;
}

/** The wake-up kinds: a secret that expires or is due for rotation, a version whose destruction was put off. */
export const SECRET_KIND = "secretmanager.secret";
export const VERSION_KIND = "secretmanager.version";
