import { Instances, InstanceSchema } from "../../../../gen/google/cloud/run/v2/instance_pb.js";
import { principalEmail } from "../../../../wire/credentials/principal.ts";
import { rpc } from "../../../../wire/rpc.ts";
import type { RunContext } from "../../context.ts";
import { assertNameFree, createInstance as applyCreate } from "../../instances/apply.ts";
import { newInstance } from "../../instances/instance.ts";
import { formatInstanceName } from "../../instances/names.ts";
import { checkInstanceId, validInstance } from "../../instances/validate.ts";
import { instanceView } from "../../instances/view.ts";
import { validatedOperation } from "../../resource-operations.ts";
import { parseLocationName } from "../../names.ts";
import { assertLocation } from "../locations.ts";

/** run.v2.Instances.CreateInstance: creates an instance and starts it. */
export const createInstance = (context: RunContext) =>
  rpc(
    Instances.method.createInstance,
    { permission: "run.instances.create", audit: "ADMIN_WRITE" },
    async ({ parent, instance, instanceId, validateOnly }, call) => {
      const location = parseLocationName(parent);
      assertLocation(location.location);
      checkInstanceId(instanceId);
      const wish = validInstance({ ...instance!, name: formatInstanceName({ ...location, instance: instanceId }) });
      const email = principalEmail(call.principal);
      if (!validateOnly) return applyCreate(context, wish, email);
      await assertNameFree(context, wish);
      const planned = newInstance(wish, context.ids.uuid(), { email, nowMs: context.clock.nowMs() });
      const view = instanceView({ instance: planned, version: 1 });
      return validatedOperation(InstanceSchema, view, context.ids.uuid());
    },
  );
