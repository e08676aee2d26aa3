import { create } from "@bufbuild/protobuf";
import { type FieldMask, FieldMaskSchema } from "@bufbuild/protobuf/wkt";
import { type Service, Services, ServiceSchema } from "../../../gen/google/cloud/run/v2/service_pb.js";
import type { Operation } from "../../../gen/google/longrunning/operations_pb.js";
import { principalEmail } from "../../../wire/credentials/principal.ts";
import { checkEtag, etagOf } from "../../../wire/etag.ts";
import { applyFieldMask } from "../../../wire/field-mask.ts";
import { rpc } from "../../../wire/rpc.ts";
import { createService, plannedRecord, updateService as applyUpdate, validWish, type Wish } from "../services/apply.ts";
import type { RunContext } from "../context.ts";
import { serviceNotFound } from "../services/errors.ts";
import { parseServiceName } from "../names.ts";
import { validatedOperation } from "../services/operations.ts";
import { changedService } from "../services/service.ts";
import { NO_HIDDEN_METADATA, type ServiceRecord } from "../store.ts";
import { checkServiceId } from "../validate/service.ts";
import { serviceView } from "../services/view.ts";
import { v2Naming } from "../validate/violations.ts";

const NAMING = v2Naming("UpdateServiceRequest");

/** run.v2.Services.UpdateService. Without update_mask the request replaces the whole service. */
export const updateService = (context: RunContext) =>
  rpc(
    Services.method.updateService,
    { permission: "run.services.update", audit: "ADMIN_WRITE" },
    async ({ service, updateMask, validateOnly, allowMissing }, call): Promise<Operation> => {
      const { name } = service!;
      parseServiceName(name);
      const email = principalEmail(call.principal);
      const stored = await context.rows.getService(name);
      if (!stored && allowMissing) return createMissing(context, service!, validateOnly, email);
      if (!stored) throw serviceNotFound(name);
      const wishOf = (current: ServiceRecord) => wishFrom(current, service!, updateMask);
      if (validateOnly) return planned(context, stored, wishOf(stored), email);
      return (await applyUpdate(context, name, wishOf, email)).operation;
    },
  );

/** System metadata that only v1 shows stays as it is: v2 has fields for what it means. */
function wishFrom({ service: current, hidden, version }: ServiceRecord, patch: Service, mask?: FieldMask): Wish {
  checkEtag(patch.etag, etagOf(current.uid, version));
  const replaceAll = create(FieldMaskSchema, { paths: ["*"] });
  const service = applyFieldMask(ServiceSchema, current, patch, mask?.paths.length ? mask : replaceAll);
  service.name = current.name;
  return validWish({ service, metadata: hidden.metadata, template: hidden.template }, NAMING);
}

async function createMissing(context: RunContext, service: Service, validateOnly: boolean, email: string) {
  checkServiceId(parseServiceName(service.name).service);
  const wish = validWish({ service, metadata: NO_HIDDEN_METADATA, template: NO_HIDDEN_METADATA }, NAMING);
  if (!validateOnly) return (await createService(context, wish, email)).operation;
  return validatedOperation(serviceView(plannedRecord(context, wish, email)), context.ids.uuid());
}

function planned(context: RunContext, current: ServiceRecord, wish: Wish, email: string): Operation {
  const service = changedService(current.service, wish.service, { email, nowMs: context.clock.nowMs() });
  return validatedOperation(serviceView({ ...current, service }), context.ids.uuid());
}
