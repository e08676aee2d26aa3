import { ServiceUsage } from "../../gen/google/api/serviceusage/v1/serviceusage_pb.js";
import type { ServiceDeps } from "../../wire/service-deps.ts";
import type { ServiceModule } from "../../wire/service-module.ts";
import { serviceUsageRpcs } from "./v1/rpcs.ts";

export interface ServiceUsageDeps extends Pick<ServiceDeps, "ids"> {
  /** Names of the APIs that this server has, for example "run.googleapis.com"; asked at call time. */
  readonly servedApis: () => readonly string[];
}

/** serviceusage.googleapis.com: every API that homerun serves is enabled in every project, and stays so. */
export function serviceusage(deps: ServiceUsageDeps): ServiceModule {
  return { name: "serviceusage", services: [ServiceUsage], rpcs: serviceUsageRpcs(deps) };
}
