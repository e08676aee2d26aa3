import { Eventarc } from "../../../gen/google/cloud/eventarc/v1/eventarc_pb.js";
import { TriggerSchema } from "../../../gen/google/cloud/eventarc/v1/trigger_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { parseLocationName } from "../names.ts";
import { orderedPage } from "../ordered-page.ts";
import { fromRow, triggerOf } from "../triggers/stored-trigger.ts";

/** Eventarc.ListTriggers: of one location, or of all with "-". */
export const listTriggers = ({ triggers }: Deps) =>
  rpc(Eventarc.method.listTriggers, { permission: "eventarc.triggers.list", audit: "ADMIN_READ" }, async (request) => {
    parseLocationName(request.parent);
    const rows = await triggers.list({ parent: request.parent, limit: Number.MAX_SAFE_INTEGER });
    const all = rows.map((row) => triggerOf(fromRow(row)));
    const { page, nextPageToken } = orderedPage(TriggerSchema, all, request);
    return { triggers: page, nextPageToken };
  });
