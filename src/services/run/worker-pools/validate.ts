import { LaunchStage } from "../../../gen/google/api/launch_stage_pb.js";
import { type InstanceSplit, InstanceSplitAllocationType } from "../../../gen/google/cloud/run/v2/instance_split_pb.js";
import { ExecutionEnvironment } from "../../../gen/google/cloud/run/v2/vendor_settings_pb.js";
import type { WorkerPool } from "../../../gen/google/cloud/run/v2/worker_pool_pb.js";
import type { WorkerPoolRevisionTemplate } from "../../../gen/google/cloud/run/v2/worker_pool_revision_template_pb.js";
import { invalidArgument } from "../../../wire/errors.ts";
import { MAX_DESCRIPTION } from "../limits.ts";
import { lastSegment } from "../names.ts";
import { metadataViolations } from "../validate/metadata.ts";
import { revisionNameViolations } from "../validate/template.ts";
import { resourceViolations } from "../validate/resources.ts";
import { workloadViolations } from "../validate/workload.ts";
import type { Violation } from "../validate/violations.ts";
import { vpcAccessViolations } from "../templates/vpc-access.ts";
import { MAX_WORKER_POOL_NAME } from "./limits.ts";

const NAME = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const EMAIL = /^[^@\s]+@[^@\s]+$/;
const LAUNCH_STAGES = new Set([LaunchStage.ALPHA, LaunchStage.BETA, LaunchStage.GA]);

/** Every fault of a worker pool whose defaults are filled in. Google: worker_pool.proto and the messages it holds. */
export function workerPoolViolations(pool: WorkerPool): Violation[] {
  const { template } = pool;
  if (!template) return [{ field: "template", description: "required field not present.", protoLevel: true }];
  return [
    ...metadataViolations("", pool),
    ...settingViolations(pool),
    ...templateViolations(template, lastSegment(pool.name)),
    ...splitViolations(pool.instanceSplits),
  ];
}

/** Rejects a worker pool id out of pattern, in the words of the v2 API for services. */
export function checkWorkerPoolId(id: string): void {
  if (isWorkerPoolId(id)) return;
  const description = `only lowercase, digits, and hyphens; must begin with letter, and cannot end with hyphen; must be less than ${MAX_WORKER_POOL_NAME + 1} characters.`;
  const field = "Violation in CreateWorkerPoolRequest.worker_pool_id";
  throw invalidArgument(`${field}: ${description}`, [{ field, description }]);
}

/** Whether a worker pool may be called so. */
export function isWorkerPoolId(id: string): boolean {
  return NAME.test(id) && id.length <= MAX_WORKER_POOL_NAME;
}

function* settingViolations({ description: text, launchStage, scaling }: WorkerPool): Iterable<Violation> {
  if (text.length > MAX_DESCRIPTION) {
    yield { field: "description", description: `must be at most ${MAX_DESCRIPTION} characters.`, protoLevel: true };
  }
  if (!LAUNCH_STAGES.has(launchStage)) {
    yield { field: "launch_stage", description: "Launch stage must be ALPHA, BETA or GA.", protoLevel: true };
  }
  if ((scaling?.manualInstanceCount ?? 0) < 0) {
    const description = "must be greater or equal than 0.";
    yield { field: "scaling.manual_instance_count", description, protoLevel: true };
  }
}

function templateViolations(template: WorkerPoolRevisionTemplate, pool: string): Violation[] {
  const { containers, vpcAccess, serviceAccount } = template;
  // Instances have their CPU always, as those of services with instance-based billing.
  const instance = {
    executionEnvironment: ExecutionEnvironment.UNSPECIFIED,
    concurrency: 1,
    cpuIdle: false,
  };
  return [
    ...metadataViolations("template.", template),
    ...revisionNameViolations(template.revision, pool),
    ...(EMAIL.test(serviceAccount)
      ? []
      : [{ field: "template.service_account", description: `Invalid service account email '${serviceAccount}'.` }]),
    ...workloadViolations(template, { at: "template", servesRequests: false }),
    ...(containers.length > 0 ? resourceViolations({ at: "template", containers, ...instance }) : []),
    ...(vpcAccess ? vpcAccessViolations(vpcAccess, "template.vpc_access") : []),
  ];
}

function* splitViolations(splits: readonly InstanceSplit[]): Iterable<Violation> {
  const sum = splits.reduce((total, { percent }) => total + percent, 0);
  if (sum !== 100) {
    yield { field: "instance_splits", description: `Instance split percentages must sum to 100, but sum to ${sum}.` };
  }
  for (const [index, { type, revision, percent }] of splits.entries()) {
    const field = `instance_splits[${index}]`;
    if (percent < 0 || percent > 100) {
      yield { field: `${field}.percent`, description: "must be between 0 and 100.", protoLevel: true };
    }
    if (type === InstanceSplitAllocationType.REVISION && revision === "") {
      yield { field: `${field}.revision`, description: "required field not present.", protoLevel: true };
    }
    if (type === InstanceSplitAllocationType.LATEST && revision !== "") {
      const description = "must be empty when type is INSTANCE_SPLIT_ALLOCATION_TYPE_LATEST.";
      yield { field: `${field}.revision`, description, protoLevel: true };
    }
  }
}
