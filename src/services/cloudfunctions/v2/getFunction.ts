import { FunctionService } from "../../../gen/google/cloud/functions/v2/functions_pb.js";
import { unsupportedField } from "../../../wire/errors.ts";
import { type Rpc, rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { functionNotFound } from "../errors.ts";

/** FunctionService.GetFunction. */
export const getFunction = ({ functions }: Pick<Deps, "functions">): Rpc =>
  rpc(
    FunctionService.method.getFunction,
    { permission: "cloudfunctions.functions.get", audit: "ADMIN_READ" },
    async ({ name, revision }) => {
      if (revision !== "") throw unsupportedField("revision");
      const stored = await functions.get(name);
      if (!stored) throw functionNotFound(name);
      return stored.function;
    },
  );
