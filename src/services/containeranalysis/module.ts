import { ContainerAnalysis } from "../../gen/google/devtools/containeranalysis/v1/containeranalysis_pb.js";
import { Grafeas } from "../../gen/grafeas/v1/grafeas_pb.js";
import type { ServiceModule } from "../../wire/service-module.ts";
import type { ContainerAnalysisDeps, Deps } from "./deps.ts";
import { createTables, migrations } from "./store.ts";
import { batchCreateNotes } from "./v1/batchCreateNotes.ts";
import { batchCreateOccurrences } from "./v1/batchCreateOccurrences.ts";
import { createNote } from "./v1/createNote.ts";
import { createOccurrence } from "./v1/createOccurrence.ts";
import { deleteNote } from "./v1/deleteNote.ts";
import { deleteOccurrence } from "./v1/deleteOccurrence.ts";
import { getNote } from "./v1/getNote.ts";
import { getOccurrence } from "./v1/getOccurrence.ts";
import { getOccurrenceNote } from "./v1/getOccurrenceNote.ts";
import { getVulnerabilityOccurrencesSummary } from "./v1/getVulnerabilityOccurrencesSummary.ts";
import { listNoteOccurrences } from "./v1/listNoteOccurrences.ts";
import { listNotes } from "./v1/listNotes.ts";
import { listOccurrences } from "./v1/listOccurrences.ts";
import { policyRpcs } from "./v1/policies.ts";
import { updateNote } from "./v1/updateNote.ts";
import { updateOccurrence } from "./v1/updateOccurrence.ts";

/** containeranalysis.googleapis.com: what is known about images, such as how they were built (Grafeas). */
export function containeranalysis(given: ContainerAnalysisDeps): ServiceModule {
  const deps: Deps = { ...given, ...createTables(given.store) };
  return {
    name: "containeranalysis",
    services: [Grafeas, ContainerAnalysis],
    rpcs: [
      createNote(deps),
      batchCreateNotes(deps),
      getNote(deps),
      listNotes(deps),
      updateNote(deps),
      deleteNote(deps),
      createOccurrence(deps),
      batchCreateOccurrences(deps),
      getOccurrence(deps),
      getOccurrenceNote(deps),
      listOccurrences(deps),
      listNoteOccurrences(deps),
      updateOccurrence(deps),
      deleteOccurrence(deps),
      getVulnerabilityOccurrencesSummary(deps),
      ...policyRpcs(deps),
    ],
    versionAliases: { v1beta1: "v1" },
    migrations,
  };
}
