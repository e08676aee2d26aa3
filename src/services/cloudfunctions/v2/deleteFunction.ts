import {
  Function_State as State,
  FunctionService,
  OperationType,
} from "../../../gen/google/cloud/functions/v2/functions_pb.js";
import { type Rpc, rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { functionNotFound, operationUnderWay } from "../errors.ts";
import { parseFunctionName } from "../function-name.ts";
import type { StoredFunction } from "../stored-function.ts";
import { deployingFunction, newDeployment, startOperation } from "./change-function.ts";

/** FunctionService.DeleteFunction: the function is DELETING until its service, source and images are gone. */
export const deleteFunction = (deps: Deps): Rpc =>
  rpc(
    FunctionService.method.deleteFunction,
    { permission: "cloudfunctions.functions.delete", audit: "ADMIN_WRITE" },
    async ({ name: key }, call) => {
      const name = parseFunctionName(key);
      const type = OperationType.DELETE_FUNCTION;
      return deps.store.transact(async (transaction) => {
        const current = await deps.functions.get(key, transaction);
        if (!current) throw functionNotFound(key);
        if (current.deployment) throw operationUnderWay();
        const formerTrigger = current.function.eventTrigger?.trigger ?? "";
        const deployment = newDeployment(deps, name, call, { type, step: "DELETE", formerTrigger });
        const next: StoredFunction = {
          ...current,
          generation: current.generation + 1,
          function: deployingFunction(deps, current.function, State.DELETING),
          deployment,
        };
        return startOperation(deps, transaction, await deps.functions.update(transaction, next), deployment);
      });
    },
  );
