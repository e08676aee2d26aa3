import type { ServiceDeps } from "../../wire/service-deps.ts";

/** What the publishing API needs of the rest of the server. */
export type PublishingDeps = Pick<ServiceDeps, "clients" | "log" | "projects">;
