import { Services } from "../../../gen/google/cloud/run/v2/service_pb.js";
import { principalEmail } from "../../../wire/credentials/principal.ts";
import { rpc } from "../../../wire/rpc.ts";
import { createService as applyCreate, plannedRecord, validWish } from "../services/apply.ts";
import type { RunContext } from "../context.ts";
import { formatServiceName, parseLocationName } from "../names.ts";
import { validatedOperation } from "../services/operations.ts";
import { NO_HIDDEN_METADATA } from "../store.ts";
import { checkServiceId } from "../validate/service.ts";
import { serviceView } from "../services/view.ts";
import { v2Naming } from "../validate/violations.ts";
import { assertLocation } from "./locations.ts";

/** run.v2.Services.CreateService. */
export const createService = (context: RunContext) =>
  rpc(
    Services.method.createService,
    { permission: "run.services.create", audit: "ADMIN_WRITE" },
    async ({ parent, service, serviceId, validateOnly }, call) => {
      const location = parseLocationName(parent);
      assertLocation(location.location);
      checkServiceId(serviceId);
      const named = { ...service!, name: formatServiceName({ ...location, service: serviceId }) };
      const wish = { service: named, metadata: NO_HIDDEN_METADATA, template: NO_HIDDEN_METADATA };
      const valid = validWish(wish, v2Naming("CreateServiceRequest"));
      const email = principalEmail(call.principal);
      if (validateOnly) {
        return validatedOperation(serviceView(plannedRecord(context, valid, email)), context.ids.uuid());
      }
      return (await applyCreate(context, valid, email)).operation;
    },
  );
