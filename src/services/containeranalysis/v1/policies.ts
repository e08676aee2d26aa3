import { ContainerAnalysis } from "../../../gen/google/devtools/containeranalysis/v1/containeranalysis_pb.js";
import { createIamMethods } from "../../../wire/iam/rpcs.ts";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { findNote, findOccurrence } from "../find.ts";

/** ContainerAnalysis.{Get,Set}IamPolicy and TestIamPermissions, of notes and occurrences. */
export function policyRpcs(deps: Deps) {
  const assertExists = async (name: string): Promise<void> => {
    await (name.includes("/notes/") ? findNote(deps, name) : findOccurrence(deps, name));
  };
  const methods = createIamMethods({ ...deps, assertExists });
  return [
    rpc(
      ContainerAnalysis.method.getIamPolicy,
      { permission: "containeranalysis.notes.getIamPolicy", audit: "ADMIN_READ" },
      methods.getIamPolicy,
    ),
    rpc(
      ContainerAnalysis.method.setIamPolicy,
      { permission: "containeranalysis.notes.setIamPolicy", audit: "ADMIN_WRITE" },
      methods.setIamPolicy,
    ),
    rpc(ContainerAnalysis.method.testIamPermissions, { permission: "none", audit: "none" }, methods.testIamPermissions),
  ];
}
