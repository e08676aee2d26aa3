import { type FieldMask, FieldMaskSchema } from "@bufbuild/protobuf/wkt";
import { create } from "@bufbuild/protobuf";
import { Eventarc } from "../../../gen/google/cloud/eventarc/v1/eventarc_pb.js";
import { type Trigger, TriggerSchema } from "../../../gen/google/cloud/eventarc/v1/trigger_pb.js";
import { notFound } from "../../../wire/errors.ts";
import { applyFieldMask, populatedFields } from "../../../wire/field-mask.ts";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { invalidFilter, invalidRequest } from "../errors.ts";
import { isFunctionsAgent, parseResourceName } from "../names.ts";
import { checkSurroundings } from "../triggers/check-surroundings.ts";
import { typeOf } from "../triggers/filters.ts";
import { readTrigger } from "../triggers/save.ts";
import { startChange, startCreate, validated } from "../triggers/start-work.ts";
import type { StoredTrigger } from "../triggers/stored-trigger.ts";
import { validateTrigger } from "../triggers/validate-trigger.ts";

/** Eventarc.UpdateTrigger: everything but event type, channel and transport; without a mask the fields that are set. */
export const updateTrigger = (deps: Deps) =>
  rpc(
    Eventarc.method.updateTrigger,
    { permission: "eventarc.triggers.update", audit: "ADMIN_WRITE" },
    async ({ trigger: given, updateMask, allowMissing, validateOnly }, { principal: caller }) => {
      const name = given?.name ?? "";
      const parts = parseResourceName(name, "triggers", "trigger.name");
      const found = await readTrigger(deps, name);
      if (!found && allowMissing) return startCreate(deps, name, given!, { validateOnly, caller });
      if (!found) throw notFound(name);
      const trigger = changed(found, given!, maskOf(given!, updateMask));
      validateTrigger(trigger, parts.location, isFunctionsAgent(caller) || keepsFunction(found, trigger));
      await checkSurroundings(deps, parts, trigger);
      if (validateOnly) return validated(deps, { ...found, trigger }, "UPDATE");
      return deps.store.transact(async (transaction) => {
        const current = await readTrigger(deps, name, transaction);
        if (!current) throw notFound(name);
        return startChange(deps, transaction, current, { kind: "UPDATE", trigger });
      });
    },
  );

function maskOf(given: Trigger, mask: FieldMask | undefined): FieldMask {
  if (mask && mask.paths.length > 0) return mask;
  const paths = populatedFields(TriggerSchema, given).filter((path) => path !== "name");
  return create(FieldMaskSchema, { paths });
}

/** Whether the destination stays a function, which only Cloud Functions may set. */
function keepsFunction({ trigger: { destination } }: StoredTrigger, after: Trigger): boolean {
  const kept = destination?.descriptor;
  const wanted = after.destination?.descriptor;
  return kept?.case === "cloudFunction" && wanted?.case === "cloudFunction" && kept.value === wanted.value;
}

function changed(found: StoredTrigger, given: Trigger, mask: FieldMask): Trigger {
  const result = applyFieldMask(TriggerSchema, found.trigger, given, mask);
  if (typeOf(result) !== typeOf(found.trigger) && typeOf(result) !== "")
    throw invalidFilter("type", "the event type of a trigger cannot be changed");
  if (result.channel !== found.trigger.channel)
    throw invalidRequest("trigger.channel", "the channel of a trigger cannot be changed");
  const topic = result.transport?.intermediary.value?.topic ?? "";
  if (topic !== "" && topic !== found.transport.topic)
    throw invalidRequest("trigger.transport", "the transport of a trigger cannot be changed");
  result.name = found.name;
  if (found.trigger.transport) result.transport = found.trigger.transport;
  else delete result.transport;
  return result;
}
