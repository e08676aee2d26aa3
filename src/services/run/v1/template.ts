import { create } from "@bufbuild/protobuf";
import { durationFromMs, durationMs } from "@bufbuild/protobuf/wkt";
import {
  type RevisionTemplate,
  RevisionTemplateSchema,
} from "../../../gen/google/cloud/run/v2/revision_template_pb.js";
import { unsupportedField } from "../../../wire/errors.ts";
import { isDefaultStartupProbe } from "../templates/container-defaults.ts";
import { mainContainerOf } from "../templates/main-container.ts";
import type { HiddenMetadata } from "../store.ts";
import { isSystemKey } from "../validate/metadata.ts";
import { readAnnotations, writeAnnotations } from "./annotation-rules.ts";
import { containerFromKnative, containerToKnative } from "./containers.ts";
import type { KnativeMetadata, KnativeRevisionSpec, KnativeTemplate } from "./knative.ts";
import { parseSecretAliases, SECRETS } from "./secret-aliases.ts";
import { TEMPLATE_ANNOTATIONS, type TemplateFields, UNSUPPORTED_TEMPLATE_ANNOTATIONS } from "./template-annotations.ts";
import { volumeFromKnative, volumeToKnative } from "./volumes.ts";

/** What v1 calls the runtime of containers whose base image is updated by itself. */
const BASE_IMAGE_UPDATE = "run.googleapis.com/linux-base-image-update";
/** Label that the server derives from the startup probe. */
const STARTUP_PROBE_TYPE = "run.googleapis.com/startupProbeType";

/** The v2 template of a v1 one, and the system metadata that v2 has no field for. */
export function templateFromKnative(given: KnativeTemplate): { template: RevisionTemplate; hidden: HiddenMetadata } {
  const { metadata = {}, spec = {} } = given;
  const { runtimeClassName = "" } = spec;
  if (runtimeClassName !== "" && runtimeClassName !== BASE_IMAGE_UPDATE) {
    throw unsupportedField("spec.template.spec.runtimeClassName");
  }
  const at = "spec.template.spec";
  const path = "spec.template.metadata.annotations";
  const annotations = metadata.annotations ?? {};
  const aliases = parseSecretAliases(annotations[SECRETS] ?? "", `${path}[${SECRETS}]`);
  const template = create(RevisionTemplateSchema, {
    revision: metadata.name ?? "",
    containers: (spec.containers ?? []).map((each, index) =>
      containerFromKnative(each, `${at}.containers[${index}]`, aliases),
    ),
    volumes: (spec.volumes ?? []).map((each, index) => volumeFromKnative(each, `${at}.volumes[${index}]`, aliases)),
    serviceAccount: spec.serviceAccountName ?? "",
    maxInstanceRequestConcurrency: spec.containerConcurrency ?? 0,
    ...(spec.timeoutSeconds !== undefined && { timeout: durationFromMs(spec.timeoutSeconds * 1000) }),
  });
  const rules = TEMPLATE_ANNOTATIONS;
  const sorted = readAnnotations(annotations, rules, UNSUPPORTED_TEMPLATE_ANNOTATIONS, template, path);
  const labels = sortLabels(metadata.labels ?? {}, [STARTUP_PROBE_TYPE]);
  template.annotations = sorted.own;
  template.labels = labels.own;
  return { template, hidden: { labels: labels.hidden, annotations: sorted.hidden } };
}

/** Metadata of a v1 template or revision. */
export function templateMetadata(template: TemplateFields, hidden: HiddenMetadata): KnativeMetadata {
  const probe = mainContainerOf(template.containers)?.startupProbe;
  const probeType = probe && { [STARTUP_PROBE_TYPE]: isDefaultStartupProbe(probe) ? "Default" : "Custom" };
  return {
    labels: { ...template.labels, ...hidden.labels, ...probeType },
    annotations: {
      ...template.annotations,
      ...hidden.annotations,
      ...writeAnnotations(TEMPLATE_ANNOTATIONS, template),
    },
  };
}

/** Spec of a v1 template or revision. */
export function templateSpec(template: TemplateFields): KnativeRevisionSpec {
  const updated = template.containers.some(({ baseImageUri }) => baseImageUri !== "");
  return {
    containerConcurrency: template.maxInstanceRequestConcurrency,
    ...(template.timeout && { timeoutSeconds: durationMs(template.timeout) / 1000 }),
    serviceAccountName: template.serviceAccount,
    ...(updated && { runtimeClassName: BASE_IMAGE_UPDATE }),
    containers: template.containers.map(containerToKnative),
    ...(template.volumes.length > 0 && { volumes: template.volumes.map(volumeToKnative) }),
  };
}

/** Labels of the client's own, and system labels but for those that the server derives. */
export function sortLabels(labels: Readonly<Record<string, string>>, derived: readonly string[]) {
  const sorted: { own: Record<string, string>; hidden: Record<string, string> } = { own: {}, hidden: {} };
  for (const [key, value] of Object.entries(labels)) {
    if (derived.includes(key)) continue;
    const kind = isSystemKey(key) ? sorted.hidden : sorted.own;
    kind[key] = value;
  }
  return sorted;
}
