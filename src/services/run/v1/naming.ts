import type { FieldNaming } from "../validate/violations.ts";

/** Where the fields of v2 stand in v1, longest prefix first. */
const PREFIXES: readonly (readonly [v2: RegExp, v1: string])[] = [
  [/^template\.(containers|volumes)/, "spec.template.spec.$1"],
  [/^template\.max_instance_request_concurrency/, "spec.template.spec.containerConcurrency"],
  [/^template\.timeout/, "spec.template.spec.timeoutSeconds"],
  [/^template\.service_account/, "spec.template.spec.serviceAccountName"],
  [/^template\.revision/, "metadata.name"],
  [/^template\.scaling\.max_instance_count/, template("autoscaling.knative.dev/maxScale")],
  [/^template\.scaling\.min_instance_count|^template\.scaling/, template("autoscaling.knative.dev/minScale")],
  [/^template\.execution_environment/, template("run.googleapis.com/execution-environment")],
  [/^template\.vpc_access\.connector/, template("run.googleapis.com/vpc-access-connector")],
  [/^template\.vpc_access\.egress/, template("run.googleapis.com/vpc-access-egress")],
  [/^template\.vpc_access(\.network_interfaces)?/, template("run.googleapis.com/network-interfaces")],
  [/^template\.(labels|annotations)/, "spec.template.metadata.$1"],
  [/^template/, "spec.template"],
  [/^traffic/, "spec.traffic"],
  [/^(labels|annotations)/, "metadata.$1"],
  [/^scaling\.max_instance_count/, "metadata.annotations[run.googleapis.com/maxScale]"],
  [/^scaling\.manual_instance_count/, "metadata.annotations[run.googleapis.com/manualInstanceCount]"],
  [/^scaling\.min_instance_count|^scaling/, "metadata.annotations[run.googleapis.com/minScale]"],
  [/^custom_audiences/, "metadata.annotations[run.googleapis.com/custom-audiences]"],
  [/^description/, "metadata.annotations[run.googleapis.com/description]"],
  [/^launch_stage/, "metadata.annotations[run.googleapis.com/launch-stage]"],
  [/^ingress/, "metadata.annotations[run.googleapis.com/ingress]"],
];

/** Parts of fields that v1 calls otherwise. */
const WORDS: readonly (readonly [v2: RegExp, v1: string])[] = [
  [/\.value_source\.secret_key_ref\.secret$/, ".valueFrom.secretKeyRef.name"],
  [/\.value_source\.secret_key_ref\.version$/, ".valueFrom.secretKeyRef.key"],
  [/\.secret\.secret$/, ".secret.secretName"],
  [/(\.secret\.items\[\d+\])\.version$/, "$1.key"],
  [/\.gcs\.bucket$/, ".csi.volumeAttributes[bucketName]"],
  [/\.gcs\.mount_options.*$/, ".csi.volumeAttributes[mountOptions]"],
];

/** Names of v1: "spec.template.spec.containers[0].env". Google writes depends_on as in v2. */
export const v1Naming: FieldNaming = ({ field }) => {
  const named = replaceFirst(replaceFirst(field, PREFIXES), WORDS);
  return named.replaceAll(/_([a-z])/g, (match, letter: string, at: number) =>
    named.startsWith("depends_on", at - "depends".length) ? match : letter.toUpperCase(),
  );
};

function replaceFirst(text: string, rules: readonly (readonly [RegExp, string])[]): string {
  const found = rules.find(([pattern]) => pattern.test(text));
  return found ? text.replace(found[0], found[1]) : text;
}

function template(annotation: string): string {
  return `spec.template.metadata.annotations[${annotation}]`;
}
