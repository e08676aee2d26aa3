import { Services } from "../../../gen/google/cloud/run/v2/service_pb.js";
import { principalEmail } from "../../../wire/credentials/principal.ts";
import { checkEtag, etagOf } from "../../../wire/etag.ts";
import { rpc } from "../../../wire/rpc.ts";
import { deleteService as applyDelete } from "../services/apply.ts";
import type { RunContext } from "../context.ts";
import { serviceNotFound } from "../services/errors.ts";
import { validatedOperation } from "../services/operations.ts";
import type { ServiceRecord } from "../store.ts";
import { serviceView } from "../services/view.ts";

/** run.v2.Services.DeleteService: stops serving at once and deletes all revisions. */
export const deleteService = (context: RunContext) =>
  rpc(
    Services.method.deleteService,
    { permission: "run.services.delete", audit: "ADMIN_WRITE" },
    async ({ name, etag, validateOnly }, call) => {
      const check = ({ service, version }: ServiceRecord) => checkEtag(etag, etagOf(service.uid, version));
      if (!validateOnly) return (await applyDelete(context, name, check, principalEmail(call.principal))).operation;
      const stored = await context.rows.getService(name);
      if (!stored) throw serviceNotFound(name);
      check(stored);
      return validatedOperation(serviceView(stored), context.ids.uuid());
    },
  );
