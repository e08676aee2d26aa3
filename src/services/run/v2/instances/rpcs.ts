import type { Rpc } from "../../../../wire/rpc.ts";
import type { RunContext } from "../../context.ts";
import { createInstance } from "./createInstance.ts";
import { deleteInstance } from "./deleteInstance.ts";
import { getInstance } from "./getInstance.ts";
import { listInstances } from "./listInstances.ts";
import { startInstance } from "./startInstance.ts";
import { stopInstance } from "./stopInstance.ts";

/** run.v2.Instances, whole. */
export function instanceRpcs(context: RunContext): Rpc[] {
  return [
    createInstance(context),
    getInstance(context),
    listInstances(context),
    startInstance(context),
    stopInstance(context),
    deleteInstance(context),
  ];
}
