import { Eventarc } from "../../../gen/google/cloud/eventarc/v1/eventarc_pb.js";
import { notFound } from "../../../wire/errors.ts";
import { checkEtag } from "../../../wire/etag.ts";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { parseResourceName } from "../names.ts";
import { readTrigger } from "../triggers/save.ts";
import { nothingToDelete, startChange, validated } from "../triggers/start-work.ts";
import { triggerOf } from "../triggers/stored-trigger.ts";

/** Eventarc.DeleteTrigger: the operation ends when source and transport are gone, with what the trigger was. */
export const deleteTrigger = (deps: Deps) =>
  rpc(
    Eventarc.method.deleteTrigger,
    { permission: "eventarc.triggers.delete", audit: "ADMIN_WRITE" },
    ({ name, etag, allowMissing, validateOnly }) => {
      parseResourceName(name, "triggers");
      return deps.store.transact(async (transaction) => {
        const current = await readTrigger(deps, name, transaction);
        if (!current && allowMissing) return nothingToDelete(deps, name);
        if (!current) throw notFound(name);
        checkEtag(etag, triggerOf(current).etag);
        if (validateOnly) return validated(deps, current, "DELETE");
        return startChange(deps, transaction, current, { kind: "DELETE" });
      });
    },
  );
