import type { ServiceDeps } from "../../wire/service-deps.ts";

export type IamCredentialsDeps = Pick<ServiceDeps, "tokens" | "serviceAccounts" | "clock">;
