import type { ResourceTable } from "../../platform/store/resource-table.ts";
import type { ServiceDeps } from "../../wire/service-deps.ts";

/** What Container Analysis needs of the rest of the server. */
export type ContainerAnalysisDeps = Pick<ServiceDeps, "store" | "clock" | "ids" | "policies">;

/** What its methods share. */
export interface Deps extends ContainerAnalysisDeps {
  readonly notes: ResourceTable;
  readonly occurrences: ResourceTable;
}
