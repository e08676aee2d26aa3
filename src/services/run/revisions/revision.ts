import { createHash } from "node:crypto";
import { clone, create, equals } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { Condition_State } from "../../../gen/google/cloud/run/v2/condition_pb.js";
import { BuildInfoSchema } from "../../../gen/google/cloud/run/v2/k8s.min_pb.js";
import { type Revision, RevisionSchema } from "../../../gen/google/cloud/run/v2/revision_pb.js";
import {
  type RevisionTemplate,
  RevisionTemplateSchema,
} from "../../../gen/google/cloud/run/v2/revision_template_pb.js";
import type { Service } from "../../../gen/google/cloud/run/v2/service_pb.js";
import { conditionOf, isInState, RECONCILING } from "../conditions.ts";
import { mainContainerOf } from "../templates/main-container.ts";
import { lastSegment, parseServiceName, revisionNameOf } from "../names.ts";
import type { HiddenMetadata } from "../store.ts";

/** Conditions of a revision, in Google's order; the last one only where there are minimum instances. */
export const REVISION_CONDITIONS = [
  "Ready",
  "Active",
  "ContainerHealthy",
  "ContainerReady",
  "ResourcesAvailable",
  "MinInstancesProvisioned",
];
/** Label by which v1 tells which change of its service made a revision. */
export const CONFIGURATION_GENERATION = "serving.knative.dev/configurationGeneration";
/** Kubernetes' safe letters: no vowels, nothing that looks like another one. */
const SUFFIX_ALPHABET = "bcdfghjklmnpqrstvwxz2456789";
const SUFFIX_LENGTH = 3;

/** What a revision is made by: a service or a worker pool. */
interface RevisionMaker {
  readonly name: string;
  readonly uid: string;
  readonly generation: bigint;
  readonly template?: { readonly revision: string } | undefined;
}

/** The name of the revision made of a service's or worker pool's template: the client's, or NAME-GENERATION-SUFFIX. */
export function revisionIdOf({ name, uid, generation, template }: RevisionMaker): string {
  return (
    template?.revision || `${lastSegment(name)}-${String(generation).padStart(5, "0")}-${suffixOf(uid, generation)}`
  );
}

/** A new revision with a copy of the service's template, not yet started. */
export function newRevision(service: Service, id: string, uid: string, nowMs: number): Revision {
  const template = clone(RevisionTemplateSchema, service.template!);
  const { revision: _name, $typeName: _type, $unknown: _unknown, ...settings } = template;
  const { launchStage, lastModifier: creator } = service;
  const now = timestampFromMs(nowMs);
  const revision = create(RevisionSchema, {
    ...settings,
    name: revisionNameOf(service.name, id),
    uid,
    generation: 1n,
    createTime: now,
    updateTime: now,
    launchStage,
    service: lastSegment(service.name),
    reconciling: true,
    logUri: logUriOf(service, id),
    creator,
  });
  setBuildInfo(service, revision);
  const types = REVISION_CONDITIONS.slice(0, -1);
  revision.conditions = types.map((type) => conditionOf(type, [], RECONCILING, nowMs));
  return revision;
}

/** What a service was built from is told by the container that runs it. Google: k8s.min.proto, BuildInfo. */
function setBuildInfo({ buildConfig }: Service, { containers }: Revision): void {
  const main = mainContainerOf(containers);
  if (!main || !buildConfig) return;
  const { functionTarget, sourceLocation } = buildConfig;
  if (functionTarget !== "") main.buildInfo = create(BuildInfoSchema, { functionTarget, sourceLocation });
}

/** Whether two templates make the same revision, whatever name they ask for. */
export function isSameTemplate(one: TemplateWithHidden, other: TemplateWithHidden): boolean {
  const unnamed = ({ template }: TemplateWithHidden) => ({ ...template, revision: "" });
  return (
    equals(RevisionTemplateSchema, unnamed(one), unnamed(other)) &&
    sameEntries(one.hidden.labels, other.hidden.labels) &&
    sameEntries(one.hidden.annotations, other.hidden.annotations)
  );
}

export interface TemplateWithHidden {
  readonly template: RevisionTemplate;
  readonly hidden: HiddenMetadata;
}

/** Whether an instance of the revision has answered its startup probe. */
export function isReady(revision: Revision): boolean {
  return isInState(revision.conditions, "Ready", Condition_State.CONDITION_SUCCEEDED);
}

/** The image of the main container by its digest, once it is resolved. */
export function resolvedImageOf(revision: Revision): string | undefined {
  const image = mainContainerOf(revision.containers)?.image;
  return image?.includes("@") ? image : undefined;
}

/** The page of the Google Cloud console with the revision's log; Google writes it into messages and log_uri. */
export function logUriOf({ name }: Service, revision: string): string {
  const { project, service } = parseServiceName(name);
  const filter = `resource.type="cloud_run_revision"\nresource.labels.service_name="${service}"\nresource.labels.revision_name="${revision}"`;
  const encoded = encodeURIComponent(filter);
  return `https://console.cloud.google.com/logs/viewer?project=${project}&resource=cloud_run_revision/service_name/${service}/revision_name/${revision}&advancedFilter=${encoded}`;
}

/** Derived, so that a transaction that runs again makes the same name. */
function suffixOf(uid: string, generation: bigint): string {
  const digest = createHash("sha256").update(`${uid}/${generation}`).digest();
  const letter = (index: number) => SUFFIX_ALPHABET[digest[index]! % SUFFIX_ALPHABET.length];
  return Array.from({ length: SUFFIX_LENGTH }, (_, index) => letter(index)).join("");
}

function sameEntries(one: Readonly<Record<string, string>>, other: Readonly<Record<string, string>>): boolean {
  const keys = Object.keys(one);
  return keys.length === Object.keys(other).length && keys.every((key) => one[key] === other[key]);
}
