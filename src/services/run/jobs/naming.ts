import type { FieldNaming } from "../validate/violations.ts";

/** Names of run v2. `request` is the message that carries the job, for example "CreateJobRequest". */
export function v2JobNaming(request: string): FieldNaming {
  return ({ field, protoLevel }) => (protoLevel ? `Violation in ${request}.job.${field}` : field);
}

/** Names of run v2 for what a request overrides. */
export const overrideNaming: FieldNaming = ({ field }) =>
  field
    .replace(/^template\.(template\.)?/, "overrides.")
    .replace(/^overrides\.containers/, "overrides.container_overrides");
