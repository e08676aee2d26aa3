import { create } from "@bufbuild/protobuf";
import { RevisionTemplateSchema } from "../../../../gen/google/cloud/run/v2/revision_template_pb.js";
import {
  type WorkerPoolRevisionTemplate,
  WorkerPoolRevisionTemplateSchema,
} from "../../../../gen/google/cloud/run/v2/worker_pool_revision_template_pb.js";
import { unsupportedField } from "../../../../wire/errors.ts";
import type { HiddenMetadata } from "../../store.ts";
import type { KnativeMetadata, KnativeRevisionSpec, KnativeTemplate } from "../knative.ts";
import { templateFromKnative, templateMetadata, templateSpec } from "../template.ts";
import type { TemplateFields } from "../template-annotations.ts";
import { SERVICE_TEMPLATE_ANNOTATIONS } from "./annotations.ts";

/** The v2 template of a v1 one, and the system metadata that v2 has no field for. */
export function workerTemplateFromKnative(given: KnativeTemplate): {
  template: WorkerPoolRevisionTemplate;
  hidden: HiddenMetadata;
} {
  const annotations = given.metadata?.annotations ?? {};
  const unsupported = SERVICE_TEMPLATE_ANNOTATIONS.find((key) => annotations[key] !== undefined);
  if (unsupported !== undefined) throw unsupportedField(`spec.template.metadata.annotations[${unsupported}]`);
  const { template: common, hidden } = templateFromKnative(given);
  const { revision, labels, vpcAccess, serviceAccount, containers, volumes } = common;
  const template = create(WorkerPoolRevisionTemplateSchema, { revision, labels, serviceAccount, containers, volumes });
  template.annotations = common.annotations;
  if (vpcAccess) template.vpcAccess = vpcAccess;
  return { template, hidden };
}

/** Metadata of a v1 template or revision of a worker pool. */
export function workerTemplateMetadata(template: TemplateFields, hidden: HiddenMetadata): KnativeMetadata {
  const { labels, annotations = {} } = templateMetadata(template, hidden);
  const shown = Object.entries(annotations).filter(([key]) => !SERVICE_TEMPLATE_ANNOTATIONS.includes(key));
  return { ...(labels && { labels }), annotations: Object.fromEntries(shown) };
}

/** Spec of a v1 template or revision of a worker pool. */
export function workerTemplateSpec(template: TemplateFields): KnativeRevisionSpec {
  const { containerConcurrency: _concurrency, timeoutSeconds: _timeout, ...spec } = templateSpec(template);
  return spec;
}

/** A worker pool's template with the fields that templates of services have, unset. */
export function commonFields({
  $typeName: _type,
  $unknown: _unknown,
  ...fields
}: WorkerPoolRevisionTemplate): TemplateFields {
  return create(RevisionTemplateSchema, fields);
}
