import { Eventarc } from "../../../gen/google/cloud/eventarc/v1/eventarc_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { parseLocationName } from "../names.ts";
import { startCreate } from "../triggers/start-work.ts";

/** Eventarc.CreateTrigger: checks, then makes transport and source; the operation ends with the trigger. */
export const createTrigger = (deps: Deps) =>
  rpc(
    Eventarc.method.createTrigger,
    { permission: "eventarc.triggers.create", audit: "ADMIN_WRITE" },
    ({ parent, trigger, triggerId, validateOnly }, { principal: caller }) => {
      parseLocationName(parent);
      return startCreate(deps, `${parent}/triggers/${triggerId}`, trigger!, { validateOnly, caller });
    },
  );
