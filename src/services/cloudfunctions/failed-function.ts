import { clone, create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  type Function,
  Function_State as State,
  FunctionSchema,
  StateMessage_Severity as Severity,
  StateMessageSchema,
} from "../../gen/google/cloud/functions/v2/functions_pb.js";
import type { Deps } from "./deps.ts";
import type { DeploymentFailure } from "./errors.ts";
import type { Deployment, StoredFunction } from "./stored-function.ts";

/** After a failed update the last version goes on serving, and is what the function is; without one it is FAILED. */
export function failedFunction(
  { clock }: Pick<Deps, "clock">,
  { stored, deployment }: { readonly stored: StoredFunction; readonly deployment: Deployment },
  failure: DeploymentFailure,
): StoredFunction {
  const { previous } = deployment;
  const fn: Function = clone(FunctionSchema, previous?.function ?? stored.function);
  fn.state = previous ? State.ACTIVE : State.FAILED;
  fn.updateTime = timestampFromMs(clock.nowMs());
  const { type, message } = failure;
  fn.stateMessages = [create(StateMessageSchema, { severity: Severity.ERROR, type, message })];
  return { ...stored, function: fn, image: previous?.image ?? "" };
}
