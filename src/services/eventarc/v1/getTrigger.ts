import { Eventarc } from "../../../gen/google/cloud/eventarc/v1/eventarc_pb.js";
import { notFound } from "../../../wire/errors.ts";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { parseResourceName } from "../names.ts";
import { conditionsOf } from "../triggers/conditions.ts";
import { readTrigger } from "../triggers/save.ts";
import { triggerOf } from "../triggers/stored-trigger.ts";

/** Eventarc.GetTrigger, with what keeps the trigger from working. */
export const getTrigger = (deps: Deps) =>
  rpc(Eventarc.method.getTrigger, { permission: "eventarc.triggers.get", audit: "ADMIN_READ" }, async ({ name }) => {
    parseResourceName(name, "triggers");
    const stored = await readTrigger(deps, name);
    if (!stored) throw notFound(name);
    return { ...triggerOf(stored), conditions: await conditionsOf(deps, stored) };
  });
