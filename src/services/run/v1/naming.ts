import type { FieldNaming } from "../violations.ts";

/** Where the fields of v2 stand in v1, longest prefix first. */
const PREFIXES: readonly (readonly [v2: RegExp, v1: string])[] = [
  [/^template\.containers(\[\d+\])\.startup_probe/, "spec.template.spec.containers$1.startupProbe"],
  [/^template\.containers(\[\d+\])\.working_dir/, "spec.template.spec.containers$1.workingDir"],
  [/^template\.containers/, "spec.template.spec.containers"],
  [/^template\.max_instance_request_concurrency/, "spec.template.spec.containerConcurrency"],
  [/^template\.timeout/, "spec.template.spec.timeoutSeconds"],
  [/^template\.service_account/, "spec.template.spec.serviceAccountName"],
  [/^template\.revision/, "metadata.name"],
  [
    /^template\.scaling\.min_instance_count|^template\.scaling/,
    "spec.template.metadata.annotations[autoscaling.knative.dev/minScale]",
  ],
  [/^template\.(labels|annotations)/, "spec.template.metadata.$1"],
  [/^template/, "spec.template"],
  [/^traffic/, "spec.traffic"],
  [/^(labels|annotations)/, "metadata.$1"],
  [/^scaling\.min_instance_count|^scaling/, "metadata.annotations[run.googleapis.com/minScale]"],
  [/^description/, "metadata.annotations[run.googleapis.com/description]"],
  [/^launch_stage/, "metadata.annotations[run.googleapis.com/launch-stage]"],
  [/^ingress/, "metadata.annotations[run.googleapis.com/ingress]"],
];

/** Names of v1: "spec.template.spec.containers[0].env". */
export const v1Naming: FieldNaming = ({ field }) => {
  const found = PREFIXES.find(([v2]) => v2.test(field));
  const named = found ? field.replace(found[0], found[1]) : field;
  return named.replaceAll(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase());
};
