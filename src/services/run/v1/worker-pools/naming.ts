import type { FieldNaming } from "../../validate/violations.ts";
import { v1Naming } from "../naming.ts";

/** Names of v1: "spec.instanceSplits[0].percent"; what templates hold is called as in services. */
export const v1WorkerPoolNaming: FieldNaming = (violation) => {
  const { field } = violation;
  if (!field.startsWith("instance_splits")) return v1Naming(violation);
  return `spec.${field.replace("instance_splits", "instanceSplits").replace(/\.revision$/, ".revisionName")}`;
};
