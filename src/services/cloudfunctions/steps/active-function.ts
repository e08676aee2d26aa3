import { clone } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  type Function,
  Function_State as State,
  FunctionSchema,
} from "../../../gen/google/cloud/functions/v2/functions_pb.js";
import type { Service } from "../../../gen/google/cloud/run/v2/service_pb.js";
import type { Deps } from "../deps.ts";
import type { FunctionName } from "../function-name.ts";
import { buildNameOf } from "../stages.ts";

/** The function with what only its service and its build know; `buildId` is "" where there was no build. */
export function servedFunction(given: Function, name: FunctionName, service: Service, buildId: string): Function {
  const fn = clone(FunctionSchema, given);
  if (fn.buildConfig && buildId !== "") fn.buildConfig.build = buildNameOf(name, buildId);
  if (fn.serviceConfig) {
    fn.serviceConfig.uri = service.uri;
    fn.serviceConfig.revision = service.latestReadyRevision.slice(service.latestReadyRevision.lastIndexOf("/") + 1);
    fn.serviceConfig.allTrafficOnLatestRevision = service.traffic.every(({ revision }) => revision === "");
  }
  return fn;
}

/** The function at the good end of its deployment. */
export function activeFunction({ clock }: Pick<Deps, "clock">, given: Function): Function {
  const fn = clone(FunctionSchema, given);
  fn.state = State.ACTIVE;
  fn.stateMessages = [];
  fn.updateTime = timestampFromMs(clock.nowMs());
  return fn;
}
