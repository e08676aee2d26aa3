import { clone, create } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import {
  type ExecutionTemplate,
  ExecutionTemplateSchema,
} from "../../../gen/google/cloud/run/v2/execution_template_pb.js";
import type { RunJobRequest_Overrides as Overrides } from "../../../gen/google/cloud/run/v2/job_pb.js";
import type { Container } from "../../../gen/google/cloud/run/v2/k8s.min_pb.js";
import { type TaskTemplate, TaskTemplateSchema } from "../../../gen/google/cloud/run/v2/task_template_pb.js";
import { ExecutionEnvironment } from "../../../gen/google/cloud/run/v2/vendor_settings_pb.js";
import { invalidArgument } from "../../../wire/errors.ts";
import { withContainersDefaults, withVolumesDefaults } from "../templates/container-defaults.ts";
import { defaultServiceAccount } from "../templates/template-defaults.ts";
import { withVpcAccessDefaults } from "../templates/vpc-access.ts";
import { DEFAULT_MAX_RETRIES, DEFAULT_TASK_TIMEOUT_SECONDS } from "./limits.ts";
import type { JobName } from "./names.ts";

type ContainerOverride = Overrides["containerOverrides"][number];

/** The template with every default filled in that Cloud Run shows when it is read back; parallelism stays as given. */
export function withExecutionDefaults(given: ExecutionTemplate, owner: JobName): ExecutionTemplate {
  const template = clone(ExecutionTemplateSchema, given);
  template.taskCount ||= 1;
  template.template = withTaskDefaults(template.template ?? create(TaskTemplateSchema), owner);
  return template;
}

/** The template of one execution: what the request overrides replaces or joins what the job says. */
export function withOverrides(given: ExecutionTemplate, overrides: Overrides | undefined): ExecutionTemplate {
  const template = clone(ExecutionTemplateSchema, given);
  if (!overrides) return template;
  if (overrides.taskCount !== 0) template.taskCount = overrides.taskCount;
  if (overrides.timeout) template.template!.timeout = overrides.timeout;
  for (const override of overrides.containerOverrides) {
    applyOverride(overriddenContainer(template.template!, override.name), override);
  }
  return template;
}

function withTaskDefaults(template: TaskTemplate, { job, project }: JobName): TaskTemplate {
  if (template.retries.case === undefined) template.retries = { case: "maxRetries", value: DEFAULT_MAX_RETRIES };
  template.timeout ??= durationFromMs(DEFAULT_TASK_TIMEOUT_SECONDS * 1000);
  template.serviceAccount ||= defaultServiceAccount(project);
  template.executionEnvironment ||= ExecutionEnvironment.GEN2;
  template.containers = withContainersDefaults(template.containers, { name: job, servesRequests: false });
  template.volumes = withVolumesDefaults(template.volumes);
  if (template.vpcAccess) template.vpcAccess = withVpcAccessDefaults(template.vpcAccess);
  return template;
}

/** The container that an override names; where there is only one it need not be named. */
function overriddenContainer({ containers }: TaskTemplate, name: string): Container {
  const found = containers.find((container) => container.name === name);
  const only = containers.length === 1 && name === "" ? containers[0] : undefined;
  const container = found ?? only;
  if (container) return container;
  const description = `The job has no container named '${name}'.`;
  throw invalidArgument(description, [{ field: "overrides.container_overrides.name", description }]);
}

/** Google: job.proto, ContainerOverride: args replace, env is merged, clear_args empties args. */
function applyOverride(container: Container, { args, env, clearArgs }: ContainerOverride): void {
  if (args.length > 0) container.args = args;
  else if (clearArgs) container.args = [];
  for (const variable of env) {
    const index = container.env.findIndex(({ name }) => name === variable.name);
    if (index === -1) container.env.push(variable);
    else container.env[index] = variable;
  }
}
