import { clone } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  Function_State as State,
  FunctionSchema,
  FunctionService,
  OperationType,
} from "../../../gen/google/cloud/functions/v2/functions_pb.js";
import { Services } from "../../../gen/google/cloud/run/v2/service_pb.js";
import { Code } from "../../../gen/google/rpc/code_pb.js";
import { DuplicateResourceError } from "../../../platform/store/resource-table.ts";
import { invalidArgument } from "../../../wire/errors.ts";
import { type Rpc, rpc } from "../../../wire/rpc.ts";
import { unless } from "../api-errors.ts";
import { withDefaults } from "../defaults.ts";
import type { Deps } from "../deps.ts";
import { functionExists, serviceNameTaken } from "../errors.ts";
import { agentOf, type FunctionName, parseLocationName, serviceIdOf, serviceNameOf } from "../function-name.ts";
import { adoptSource } from "../source.ts";
import type { StoredFunction } from "../stored-function.ts";
import { validateFunction, validateName } from "../validate.ts";
import { checkTrigger } from "../triggers.ts";
import { checkService, deployingFunction, newDeployment, startOperation, withTrigger } from "./change-function.ts";

/** FunctionService.CreateFunction: checks, keeps the source, then starts the deployment. */
export const createFunction = (deps: Deps): Rpc =>
  rpc(
    FunctionService.method.createFunction,
    { permission: "cloudfunctions.functions.create", audit: "ADMIN_WRITE" },
    async (request, call) => {
      const given = request.function!;
      const name = { ...parseLocationName(request.parent), id: functionIdOf(request.functionId, given.name) };
      validateName(name);
      const key = `${request.parent}/functions/${name.id}`;
      const fn = withTrigger(deps, withDefaults(given, name), name);
      fn.name = key;
      fn.createTime = timestampFromMs(deps.clock.nowMs());
      validateFunction(fn, name);
      await assertFree(deps, name, key);
      await checkService(deps, name, fn, "create");
      await checkTrigger(deps, name, fn, undefined);
      await adoptSource(deps, name, fn);
      const asked = Object.assign(clone(FunctionSchema, given), { name: key });
      if (fn.buildConfig?.source && asked.buildConfig) asked.buildConfig.source = fn.buildConfig.source;
      const type = OperationType.CREATE_FUNCTION;
      const deployment = newDeployment(deps, name, call, {
        type,
        step: "BUILD",
        request: asked,
        hasTrigger: fn.eventTrigger !== undefined,
      });
      const stored: StoredFunction = {
        name: key,
        uid: deps.ids.uuid(),
        generation: 1,
        version: 1,
        createTimeMs: deps.clock.nowMs(),
        function: deployingFunction(deps, fn, State.DEPLOYING),
        image: "",
        deployment,
      };
      return deps.store.transact(async (transaction) => {
        await insert(deps, transaction, stored);
        return startOperation(deps, transaction, stored, deployment);
      });
    },
  );

/** The id stands in function_id; clients of older surfaces put it into the function's name only. */
function functionIdOf(functionId: string, name: string): string {
  const last = name.slice(name.lastIndexOf("/") + 1);
  if (functionId !== "" && last !== "" && functionId !== last) {
    const description = `function_id '${functionId}' does not match the function's name '${name}'`;
    throw invalidArgument(description, [{ field: "function_id", description }]);
  }
  return functionId || last;
}

async function assertFree(deps: Deps, name: FunctionName, key: string): Promise<void> {
  if (await deps.functions.get(key)) throw functionExists(key);
  const services = deps.clients.of(Services, agentOf(name.project));
  const service = await unless(services.getService({ name: serviceNameOf(name) }), Code.NOT_FOUND);
  if (service && !service.deleteTime) throw serviceNameTaken(serviceIdOf(name));
}

async function insert(deps: Deps, transaction: Parameters<Deps["functions"]["insert"]>[0], stored: StoredFunction) {
  try {
    await deps.functions.insert(transaction, stored);
  } catch (error) {
    throw error instanceof DuplicateResourceError ? functionExists(stored.name) : error;
  }
}
