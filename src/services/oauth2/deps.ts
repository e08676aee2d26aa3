import type { ServiceDeps } from "../../wire/service-deps.ts";

export type OAuth2Deps = Pick<ServiceDeps, "tokens" | "serviceAccounts" | "clock">;
