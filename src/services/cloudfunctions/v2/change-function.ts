import { clone } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  type Function,
  type Function_State as State,
  FunctionSchema,
  OperationMetadataSchema,
} from "../../../gen/google/cloud/functions/v2/functions_pb.js";
import { Services } from "../../../gen/google/cloud/run/v2/service_pb.js";
import type { Operation } from "../../../gen/google/longrunning/operations_pb.js";
import type { StoreTransaction } from "../../../platform/store/store.ts";
import type { Call } from "../../../wire/call.ts";
import { ApiError } from "../../../wire/errors.ts";
import { imageOf } from "../build-plan.ts";
import { type Deps, FUNCTION_KIND } from "../deps.ts";
import { serviceRefused } from "../errors.ts";
import { completeTrigger } from "../event-trigger.ts";
import { agentOf, formatLocation, type FunctionName, serviceIdOf } from "../function-name.ts";
import { planService, serviceMaskOf } from "../service-plan.ts";
import { metadataOf } from "../stages.ts";
import type { Deployment, StoredFunction } from "../stored-function.ts";

/** A deployment as the API methods start it. */
export function newDeployment(
  deps: Pick<Deps, "clock" | "ids">,
  name: FunctionName,
  call: Call,
  start: Pick<Deployment, "type" | "step"> &
    Partial<Pick<Deployment, "request" | "previous" | "hasTrigger" | "formerTrigger">>,
): Deployment {
  const nowMs = deps.clock.nowMs();
  const hex = (length: number) => deps.ids.text(length, "0123456789abcdef");
  return {
    operation: `${formatLocation(name)}/operations/operation-${nowMs}-${hex(13)}-${hex(8)}-${hex(8)}`,
    createTimeMs: nowMs,
    progressMs: nowMs,
    request: undefined,
    previous: undefined,
    logging: new URL(call.origin).hostname.endsWith(".googleapis.com") ? "LEGACY" : "CLOUD_LOGGING_ONLY",
    hasBuild: start.step === "BUILD",
    hasTrigger: false,
    formerTrigger: "",
    buildId: "",
    ...start,
  };
}

/** The function with its event trigger completed, as it follows on what the function is now. */
export function withTrigger(
  { ids }: Pick<Deps, "ids">,
  fn: Function,
  name: FunctionName,
  current?: Function,
): Function {
  if (!fn.eventTrigger) return fn;
  const newDigits = () => ids.text(6, "0123456789");
  const eventTrigger = completeTrigger(fn.eventTrigger, current?.eventTrigger, name, newDigits);
  return Object.assign(clone(FunctionSchema, fn), { eventTrigger });
}

/** The function while its deployment goes on. */
export function deployingFunction({ clock }: Pick<Deps, "clock">, fn: Function, state: State): Function {
  const result = clone(FunctionSchema, fn);
  result.state = state;
  result.stateMessages = [];
  result.updateTime = timestampFromMs(clock.nowMs());
  return result;
}

/** Writes operation and wake-up of a deployment beside its function. */
export async function startOperation(
  { operations, wakeups }: Pick<Deps, "operations" | "wakeups">,
  transaction: StoreTransaction,
  stored: StoredFunction,
  deployment: Deployment,
): Promise<Operation> {
  await wakeups.wake(transaction, FUNCTION_KIND, stored.name);
  return operations.create(transaction, {
    name: deployment.operation,
    service: "cloudfunctions",
    target: stored.name,
    metadataSchema: OperationMetadataSchema,
    metadata: metadataOf(stored, deployment),
  });
}

/** Asks Cloud Run whether it would take the function's service, so that a refusal comes at once and not after a build. */
export async function checkService(
  { clients }: Pick<Deps, "clients">,
  name: FunctionName,
  fn: Function,
  verb: "create" | "update",
): Promise<void> {
  const services = clients.of(Services, agentOf(name.project));
  const service = planService(fn, name, `${imageOf(fn, name)}:version_1`, "");
  const updateMask = { paths: serviceMaskOf(fn) };
  const create = { parent: formatLocation(name), serviceId: serviceIdOf(name), service, validateOnly: true };
  try {
    if (verb === "create") await services.createService(create);
    else await services.updateService({ service, updateMask, validateOnly: true, allowMissing: true });
  } catch (error) {
    throw error instanceof ApiError ? serviceRefused(verb, serviceIdOf(name), error) : error;
  }
}
