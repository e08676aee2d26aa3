import { Grafeas } from "../../../gen/grafeas/v1/grafeas_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { findNote } from "../find.ts";

/** Grafeas.GetNote. */
export const getNote = (deps: Deps) =>
  rpc(
    Grafeas.method.getNote,
    { permission: "containeranalysis.notes.get", audit: "ADMIN_READ" },
    async ({ name }) => (await findNote(deps, name)).message,
  );
