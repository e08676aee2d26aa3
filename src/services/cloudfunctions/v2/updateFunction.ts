import { create } from "@bufbuild/protobuf";
import { type FieldMask, FieldMaskSchema } from "@bufbuild/protobuf/wkt";
import {
  type Function,
  Function_State as State,
  FunctionSchema,
  FunctionService,
  OperationType,
} from "../../../gen/google/cloud/functions/v2/functions_pb.js";
import { applyFieldMask } from "../../../wire/field-mask.ts";
import { type Rpc, rpc } from "../../../wire/rpc.ts";
import { keepOutputs, withDefaults } from "../defaults.ts";
import type { Deps } from "../deps.ts";
import { functionNotFound, operationUnderWay } from "../errors.ts";
import { signatureTypeOf } from "../event-trigger.ts";
import { type FunctionName, parseFunctionName } from "../function-name.ts";
import { defaultCpuOf, parseMemory } from "../memory.ts";
import { adoptSource } from "../source.ts";
import type { StoredFunction } from "../stored-function.ts";
import { checkTrigger } from "../triggers.ts";
import { validateFunction } from "../validate.ts";
import { checkService, deployingFunction, newDeployment, startOperation, withTrigger } from "./change-function.ts";

/**
 * FunctionService.UpdateFunction: applies the mask, keeps the source, then starts the deployment. What serves goes on
 * serving until the new version is ready, and if it never is.
 */
export const updateFunction = (deps: Deps): Rpc =>
  rpc(
    FunctionService.method.updateFunction,
    { permission: "cloudfunctions.functions.update", audit: "ADMIN_WRITE" },
    async ({ function: given, updateMask }, call) => {
      const key = given!.name;
      const name = parseFunctionName(key);
      const current = await deps.functions.get(key);
      if (!current) throw functionNotFound(key);
      if (current.deployment) throw operationUnderWay();
      const mask = updateMask?.paths.length ? updateMask : create(FieldMaskSchema, { paths: ["*"] });
      const fn = await wantedFunction(deps, name, current, given!, mask);
      const isServing = current.function.state === State.ACTIVE;
      const formerTrigger = current.function.eventTrigger?.trigger ?? "";
      const deployment = newDeployment(deps, name, call, {
        type: OperationType.UPDATE_FUNCTION,
        step: needsBuild(current, fn, mask) ? "BUILD" : "SERVICE",
        hasTrigger: fn.eventTrigger !== undefined || formerTrigger !== "",
        formerTrigger,
        request: fn,
        ...(isServing && { previous: { function: current.function, image: current.image } }),
      });
      const next: StoredFunction = {
        ...current,
        generation: current.generation + 1,
        function: deployingFunction(deps, fn, State.DEPLOYING),
        deployment,
      };
      return deps.store.transact(async (transaction) => {
        const stored = await deps.functions.get(key, transaction);
        if (stored?.version !== current.version) throw operationUnderWay();
        return startOperation(deps, transaction, await deps.functions.update(transaction, next), deployment);
      });
    },
  );

async function wantedFunction(
  deps: Deps,
  name: FunctionName,
  current: StoredFunction,
  given: Function,
  mask: FieldMask,
): Promise<Function> {
  const merged = applyFieldMask(FunctionSchema, current.function, given, mask);
  const complete = withDefaults(followMemory(keepOutputs(merged, current.function), current.function, mask), name);
  const fn = withTrigger(deps, complete, name, current.function);
  validateFunction(fn, name);
  await checkService(deps, name, fn, "update");
  await checkTrigger(deps, name, fn, current.function.eventTrigger);
  await adoptSource(deps, name, fn);
  return fn;
}

/** CPUs that were derived from the memory change with it, unless the request sets them. */
function followMemory(merged: Function, current: Function, { paths }: FieldMask): Function {
  const { serviceConfig } = merged;
  const { availableMemory = "", availableCpu = "" } = current.serviceConfig ?? {};
  const isDerived = availableCpu === defaultCpuOf(parseMemory(availableMemory) ?? 0);
  if (serviceConfig && isDerived && !paths.some(setsCpu)) serviceConfig.availableCpu = "";
  return merged;
}

function setsCpu(path: string): boolean {
  return path === "*" || /^(service_config|serviceConfig)(\.(available_cpu|availableCpu))?$/.test(path);
}

/** The signature type is built into the image, so a function that gets or loses its trigger is built again. */
function needsBuild(current: StoredFunction, fn: Function, { paths }: FieldMask): boolean {
  const isOtherKind = signatureTypeOf(fn) !== signatureTypeOf(current.function);
  return current.image === "" || isOtherKind || paths.some(touchesBuild);
}

/** Paths come in snake_case and camelCase. */
function touchesBuild(path: string): boolean {
  return path === "*" || /^(build_config|buildConfig)(\.|$)/.test(path);
}
