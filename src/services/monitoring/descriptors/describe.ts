import { create } from "@bufbuild/protobuf";
import { LaunchStage } from "../../../gen/google/api/launch_stage_pb.js";
import {
  type MetricDescriptor,
  MetricDescriptor_MetricKind as Kind,
  MetricDescriptor_ValueType as ValueType,
  MetricDescriptorSchema,
} from "../../../gen/google/api/metric_pb.js";

/** A metric of Google's, as this server measures it. */
export interface MetricSource {
  readonly type: string;
  readonly kind: keyof typeof Kind;
  readonly valueType: keyof typeof ValueType;
  readonly unit: string;
  readonly displayName: string;
  readonly description: string;
  /** Label keys with their meaning. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly resources: readonly string[];
}

/** The descriptor of a metric in a project. */
export function describeMetric(source: MetricSource, project: string): MetricDescriptor {
  const { type, kind, valueType, unit, displayName, description, labels = {}, resources } = source;
  return create(MetricDescriptorSchema, {
    name: `projects/${project}/metricDescriptors/${type}`,
    type,
    metricKind: Kind[kind],
    valueType: ValueType[valueType],
    unit,
    displayName,
    description,
    labels: Object.entries(labels).map(([key, meaning]) => ({ key, description: meaning })),
    metadata: { launchStage: LaunchStage.GA, samplePeriod: { seconds: 60n }, ingestDelay: { seconds: 0n } },
    launchStage: LaunchStage.GA,
    monitoredResourceTypes: [...resources],
  });
}
