import { create } from "@bufbuild/protobuf";
import { LaunchStage } from "../../../gen/google/api/launch_stage_pb.js";
import {
  type MonitoredResourceDescriptor,
  MonitoredResourceDescriptorSchema,
} from "../../../gen/google/api/monitored_resource_pb.js";

const PROJECT = { project_id: "The identifier of the GCP project associated with this resource." };

interface ResourceSource {
  readonly type: string;
  readonly displayName: string;
  readonly description: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Google: Cloud Monitoring, "Monitored resource types", those that something here writes to. */
const RESOURCES: readonly ResourceSource[] = [
  {
    type: "cloud_run_revision",
    displayName: "Cloud Run Revision",
    description: "Metrics for a revision in Cloud Run (fully managed).",
    labels: {
      ...PROJECT,
      service_name: "Service name.",
      revision_name: "Revision name.",
      location: "Region where the service is running.",
      configuration_name: "Configuration name.",
    },
  },
  {
    type: "cloud_run_job",
    displayName: "Cloud Run Job",
    description: "A job in Cloud Run (fully managed).",
    labels: { ...PROJECT, job_name: "Job name.", location: "Region where the job is running." },
  },
  {
    type: "cloud_run_worker_pool",
    displayName: "Cloud Run Worker Pool",
    description: "A worker pool in Cloud Run (fully managed).",
    labels: {
      ...PROJECT,
      worker_pool_name: "Worker pool name.",
      revision_name: "Revision name.",
      location: "Region where the worker pool is running.",
    },
  },
  {
    type: "cloud_run_instance",
    displayName: "Cloud Run Instance",
    description: "An instance in Cloud Run (fully managed).",
    labels: { ...PROJECT, instance_name: "Instance name.", location: "Region where the instance is running." },
  },
  {
    type: "global",
    displayName: "Global",
    description: "A resource type used to write metrics of no other resource.",
    labels: PROJECT,
  },
  {
    type: "generic_node",
    displayName: "Generic Node",
    description: "A generic node identifies a machine or other computational resource.",
    labels: { ...PROJECT, location: "Region or zone.", namespace: "Namespace.", node_id: "Identifier of the node." },
  },
  {
    type: "generic_task",
    displayName: "Generic Task",
    description: "A generic task identifies an application process.",
    labels: {
      ...PROJECT,
      location: "Region or zone.",
      namespace: "Namespace.",
      job: "Job.",
      task_id: "Identifier of the task.",
    },
  },
];

/** Every monitored resource type, in order of their names. */
export function resourceDescriptors(project: string): MonitoredResourceDescriptor[] {
  const sorted = RESOURCES.toSorted((a, b) => (a.type < b.type ? -1 : 1));
  return sorted.map(({ type, displayName, description, labels }) =>
    create(MonitoredResourceDescriptorSchema, {
      name: `projects/${project}/monitoredResourceDescriptors/${type}`,
      type,
      displayName,
      description,
      labels: Object.entries(labels).map(([key, meaning]) => ({ key, description: meaning })),
      launchStage: LaunchStage.GA,
    }),
  );
}
