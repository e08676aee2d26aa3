import { fromJsonString, toJsonString } from "@bufbuild/protobuf";
import { type MetricDescriptor, MetricDescriptorSchema } from "../../../gen/google/api/metric_pb.js";
import type { ResourceRow } from "../../../platform/store/resource-table.ts";
import type { StoreTransaction } from "../../../platform/store/store.ts";
import type { MonitoringStore } from "../store.ts";
import { describeMetric } from "./describe.ts";
import { RUN_METRICS } from "./run-metrics.ts";

/** Metrics that users may define. Google: Cloud Monitoring, "User-defined metrics". */
const USER_DEFINED = /^(custom|workload|external|prometheus)\.googleapis\.com\//;

/** Whether clients may define a metric of this type, and write to it. */
export function isUserDefined(type: string): boolean {
  return USER_DEFINED.test(type);
}

/** A metric's descriptor, Google's own or one of the project's; undefined when there is none. */
export async function findDescriptor(
  { descriptors }: MonitoringStore,
  project: string,
  type: string,
  transaction?: StoreTransaction,
): Promise<MetricDescriptor | undefined> {
  const known = RUN_METRICS.find((source) => source.type === type);
  if (known) return describeMetric(known, project);
  const row = await descriptors.get(nameOf(project, type), transaction);
  return row && descriptorOf(row);
}

/** Every descriptor of a project, in order of their types. */
export async function allDescriptors({ descriptors }: MonitoringStore, project: string): Promise<MetricDescriptor[]> {
  const own = await descriptors.list({ parent: `projects/${project}`, limit: 10_000 });
  const all = [...RUN_METRICS.map((source) => describeMetric(source, project)), ...own.map(descriptorOf)];
  return all.sort((a, b) => (a.type < b.type ? -1 : 1));
}

/** The row of a user-defined metric. */
export function rowOf(descriptor: MetricDescriptor, project: string, nowMs: number): ResourceRow {
  return {
    name: nameOf(project, descriptor.type),
    parent: `projects/${project}`,
    uid: descriptor.type,
    generation: 1,
    version: 1,
    message: toJsonString(MetricDescriptorSchema, descriptor),
    unfinished: false,
    createTimeMs: nowMs,
    updateTimeMs: nowMs,
  };
}

function nameOf(project: string, type: string): string {
  return `projects/${project}/metricDescriptors/${type}`;
}

function descriptorOf({ message }: ResourceRow): MetricDescriptor {
  return fromJsonString(MetricDescriptorSchema, message);
}
