import type { AuditSubject } from "./subject.ts";

type Labels = Readonly<Record<string, string>>;

/** Monitored resource types of what has one of its own, and how its labels stand in names. */
const TYPES: readonly (readonly [service: string, type: string, name: RegExp])[] = [
  ["storage", "gcs_bucket", /\/buckets\/(?<bucket_name>[^/]+)/],
  ["cloudfunctions", "cloud_function", /\/locations\/(?<region>[^/]+)\/functions\/(?<function_name>[^/:]+)/],
  ["run", "cloud_run_revision", /\/services\/(?<service_name>[^/:]+)/],
  ["run", "cloud_run_job", /\/jobs\/(?<job_name>[^/:]+)/],
  ["pubsub", "pubsub_topic", /^(?<topic_id>projects\/[^/]+\/topics\/[^/:]+)/],
  ["pubsub", "pubsub_subscription", /^(?<subscription_id>projects\/[^/]+\/subscriptions\/[^/:]+)/],
  ["iam", "service_account", /\/serviceAccounts\/(?<email_id>[^/:]+)/],
  ["cloudresourcemanager", "project", /^projects\/[^/]+$/],
  ["cloudscheduler", "cloud_scheduler_job", /\/locations\/(?<location>[^/]+)\/jobs\/(?<job_id>[^/:]+)/],
  ["cloudtasks", "cloud_tasks_queue", /\/locations\/(?<location>[^/]+)\/queues\/(?<queue_id>[^/:]+)/],
  ["logging", "logging_sink", /\/sinks\/(?<name>[^/:]+)/],
  ["cloudbuild", "build", /\/builds\/(?<build_id>[^/:]+)/],
];

/** The monitored resource of an audit entry. Google: cloud.google.com/logging/docs/api/v2/resource-list. */
export function monitoredResourceOf(subject: AuditSubject): { readonly type: string; readonly labels: Labels } {
  const { serviceName, methodName, resourceName, project = "" } = subject;
  for (const [service, type, name] of TYPES) {
    const groups = serviceName === `${service}.googleapis.com` ? name.exec(resourceName) : null;
    if (!groups) continue;
    const location = locationOf(subject);
    const isPlaced = ["gcs_bucket", "cloud_run_revision", "cloud_run_job"].includes(type) && location !== undefined;
    return { type, labels: { project_id: project, ...(isPlaced && { location }), ...groups.groups } };
  }
  return { type: "audited_resource", labels: { project_id: project, service: serviceName, method: methodName } };
}

/** Where the resource is; undefined when nothing says it. */
export function locationOf({ resourceName, location }: AuditSubject): string | undefined {
  return location ?? /\/locations\/([^/]+)/.exec(resourceName)?.[1];
}
