import type { FieldNaming } from "../../validate/violations.ts";

const TEMPLATE = "spec.template.metadata.annotations";

/** Where the fields of run.v2.Job stand in v1, longest prefix first. */
const PREFIXES: readonly (readonly [v2: RegExp, v1: string])[] = [
  [/^template\.template\.execution_environment/, `${TEMPLATE}[run.googleapis.com/execution-environment]`],
  [/^template\.template\.vpc_access\.connector/, `${TEMPLATE}[run.googleapis.com/vpc-access-connector]`],
  [/^template\.template\.vpc_access\.egress/, `${TEMPLATE}[run.googleapis.com/vpc-access-egress]`],
  [/^template\.template\.vpc_access(\.network_interfaces)?/, `${TEMPLATE}[run.googleapis.com/network-interfaces]`],
  [/^template\.template\.timeout/, "spec.template.spec.template.spec.timeoutSeconds"],
  [/^template\.template\.service_account/, "spec.template.spec.template.spec.serviceAccountName"],
  [/^template\.template/, "spec.template.spec.template.spec"],
  [/^template\.(labels|annotations)/, "spec.template.metadata.$1"],
  [/^template\.(task_count|parallelism)/, "spec.template.spec.$1"],
  [/^template/, "spec.template"],
  [/^(start|run)_execution_token/, "spec.$1_execution_token"],
  [/^launch_stage/, "metadata.annotations[run.googleapis.com/launch-stage]"],
  [/^(labels|annotations)/, "metadata.$1"],
];

/** Names of v1: "spec.template.spec.template.spec.containers[0].env". */
export const v1JobNaming: FieldNaming = ({ field }) => {
  const found = PREFIXES.find(([v2]) => v2.test(field));
  const named = found ? field.replace(found[0], found[1]) : field;
  return named.replaceAll(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase());
};
