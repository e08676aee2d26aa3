import type { ServiceDeps } from "../../wire/service-deps.ts";

export type IamServiceDeps = Pick<
  ServiceDeps,
  "store" | "policies" | "serviceAccounts" | "customRoles" | "clock" | "ids" | "wakeups"
>;
