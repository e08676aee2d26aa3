/** Longest name of a job, which leaves room for the suffixes of executions. Google: Cloud Run docs, create jobs. */
export const MAX_JOB_NAME = 49;
/** Job name and execution token together. Google: job.proto, Job.start_execution_token. */
export const MAX_JOB_AND_TOKEN = 62;
/** Google: Cloud Run quotas, maximum number of tasks per execution. */
export const MAX_TASKS = 10_000;
/** Google: task_template.proto, TaskTemplate.max_retries; Cloud Run docs, maximum retries. */
export const DEFAULT_MAX_RETRIES = 3;
export const MOST_RETRIES = 10;
/** Google: task_template.proto, TaskTemplate.timeout; Cloud Run docs, task timeout: 168 hours. */
export const DEFAULT_TASK_TIMEOUT_SECONDS = 600;
export const MAX_TASK_TIMEOUT_SECONDS = 168 * 3600;
/** Executions of a job that are kept however old they are. Google: Cloud Run docs, execute jobs. */
export const KEPT_EXECUTIONS = 1000;
/** How long executions are kept at least, ms. Google: Cloud Run docs, execute jobs: seven days. */
export const KEPT_FOR_MS = 7 * 24 * 3600 * 1000;
