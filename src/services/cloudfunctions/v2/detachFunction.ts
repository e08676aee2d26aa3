import {
  Function_State as State,
  FunctionService,
  OperationType,
} from "../../../gen/google/cloud/functions/v2/functions_pb.js";
import { type Rpc, rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { functionNotFound, notDeployed, operationUnderWay } from "../errors.ts";
import { parseFunctionName } from "../function-name.ts";
import { newDeployment, startOperation } from "./change-function.ts";

/**
 * FunctionService.DetachFunction: the function's service goes on, with its URLs, as a service that only Cloud Run manages,
 * and the function is no more. There is no way back. Google: cloud.google.com/functions/docs/managing, "Detach".
 */
export const detachFunction = (deps: Deps): Rpc =>
  rpc(
    FunctionService.method.detachFunction,
    { permission: "cloudfunctions.functions.generationUpgrade", audit: "ADMIN_WRITE" },
    async ({ name: key }, call) => {
      const name = parseFunctionName(key);
      const type = OperationType.DETACH_FUNCTION;
      return deps.store.transact(async (transaction) => {
        const current = await deps.functions.get(key, transaction);
        if (!current) throw functionNotFound(key);
        if (current.deployment) throw operationUnderWay();
        if (current.function.state !== State.ACTIVE) throw notDeployed(key);
        const previous = { function: current.function, image: current.image };
        const formerTrigger = current.function.eventTrigger?.trigger ?? "";
        const deployment = newDeployment(deps, name, call, { type, step: "DETACH", previous, formerTrigger });
        const next = { ...current, generation: current.generation + 1, deployment };
        return startOperation(deps, transaction, await deps.functions.update(transaction, next), deployment);
      });
    },
  );
