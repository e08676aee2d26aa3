import { parseExecutionName } from "./names.ts";

/** The page of the Google Cloud console with the log of an execution; Google's form. */
export function executionLogUri(executionName: string): string {
  return logUri(executionName, []);
}

/** The same for one of its tasks. */
export function taskLogUri(executionName: string, index: number): string {
  return logUri(executionName, [`labels."run.googleapis.com/task_index"="${index}"`]);
}

function logUri(executionName: string, more: readonly string[]): string {
  const { project, location, job, execution } = parseExecutionName(executionName);
  const filter = [
    'resource.type="cloud_run_job"',
    `resource.labels.job_name="${job}"`,
    `resource.labels.location="${location}"`,
    `labels."run.googleapis.com/execution_name"="${execution}"`,
    ...more,
  ].join("\n");
  const encoded = encodeURIComponent(filter).replaceAll("%2F", "/");
  return `https://console.cloud.google.com/logs/viewer?project=${project}&advancedFilter=${encoded}`;
}
