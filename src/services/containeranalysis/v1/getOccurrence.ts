import { Grafeas } from "../../../gen/grafeas/v1/grafeas_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { findOccurrence } from "../find.ts";

/** Grafeas.GetOccurrence. */
export const getOccurrence = (deps: Deps) =>
  rpc(
    Grafeas.method.getOccurrence,
    { permission: "containeranalysis.occurrences.get", audit: "ADMIN_READ" },
    async ({ name }) => (await findOccurrence(deps, name)).message,
  );
