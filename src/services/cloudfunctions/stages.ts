import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { anyPack, timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  FunctionSchema,
  type OperationMetadataSchema,
  OperationType,
  type Stage,
  Stage_Name as Name,
  Stage_State as State,
  StageSchema,
  StateMessage_Severity as Severity,
  StateMessageSchema,
} from "../../gen/google/cloud/functions/v2/functions_pb.js";
import { projectNumberOf } from "../../wire/projects/project-number.ts";
import { type FunctionName, parseFunctionName, serviceConsoleUrlOf, serviceNameOf } from "./function-name.ts";
import type { Deployment, StoredFunction } from "./stored-function.ts";

const VERBS: Readonly<Partial<Record<OperationType, string>>> = {
  [OperationType.CREATE_FUNCTION]: "create",
  [OperationType.UPDATE_FUNCTION]: "update",
  [OperationType.DELETE_FUNCTION]: "delete",
  [OperationType.DETACH_FUNCTION]: "detach",
};

/** How far a deployment is: at one of its steps, or done with all of them. */
export type Progress = Deployment["step"] | "DONE";

/**
 * OperationMetadata of a deployment, derived from what is stored. The set of stages is the same from the first answer to the
 * last, since gcloud's progress display takes no others afterwards.
 */
export function metadataOf(
  stored: StoredFunction,
  deployment: Deployment,
  progress: Progress = deployment.step,
  endMs?: number,
): MessageInitShape<typeof OperationMetadataSchema> {
  const name = parseFunctionName(stored.name);
  const { createTimeMs, type, request, buildId } = deployment;
  return {
    createTime: timestampFromMs(createTimeMs),
    ...(endMs !== undefined && { endTime: timestampFromMs(endMs) }),
    target: stored.name,
    verb: VERBS[type] ?? "",
    apiVersion: "v2",
    operationType: type,
    ...(request && { requestResource: anyPack(FunctionSchema, request) }),
    ...(buildId !== "" && { buildName: buildNameOf(name, buildId) }),
    stages: stagesOf(stored, deployment, progress),
  };
}

/** Name of a build as Cloud Build writes it, with the project's number. */
export function buildNameOf({ project, location }: FunctionName, buildId: string): string {
  return `projects/${projectNumberOf(project)}/locations/${location}/builds/${buildId}`;
}

function stagesOf(stored: StoredFunction, deployment: Deployment, progress: Progress): Stage[] {
  const name = parseFunctionName(stored.name);
  if (deployment.type === OperationType.DELETE_FUNCTION) return deletionStages(stored, deployment, progress);
  if (deployment.type === OperationType.DETACH_FUNCTION) return [detachStage(name, progress)];
  const service = serviceStage(name, deployment, progress);
  return [
    ...(deployment.hasBuild ? [buildStage(name, deployment, progress)] : []),
    service,
    ...(deployment.hasTrigger ? [triggerStage(stored, progress)] : []),
    ...(deployment.failure ? rollbackStages(name) : []),
  ];
}

function buildStage(name: FunctionName, { buildId }: Deployment, progress: Progress): Stage {
  const stage = create(StageSchema, { name: Name.BUILD, state: State.NOT_STARTED });
  if (buildId !== "") {
    const { project, location } = name;
    stage.resource = buildNameOf(name, buildId);
    stage.resourceUri = `https://console.cloud.google.com/cloud-build/builds;region=${location}/${buildId}?project=${projectNumberOf(project)}`;
  }
  if (progress !== "BUILD") return Object.assign(stage, { state: State.COMPLETE, message: "Build finished" });
  const message = buildId === "" ? "Creating build" : "Build in progress";
  return Object.assign(stage, { state: State.IN_PROGRESS, message });
}

function serviceStage(name: FunctionName, { type, previous }: Deployment, progress: Progress): Stage {
  const stage = create(StageSchema, { name: Name.SERVICE, state: State.NOT_STARTED });
  if (progress === "BUILD") return stage;
  stage.resource = serviceNameOf(name);
  stage.resourceUri = serviceConsoleUrlOf(name);
  if (progress !== "SERVICE") return Object.assign(stage, { state: State.COMPLETE });
  const isUpdate = type === OperationType.UPDATE_FUNCTION && previous !== undefined;
  const message = isUpdate ? "Updating Cloud Run service" : "Creating Cloud Run service";
  const info = create(StateMessageSchema, {
    severity: Severity.INFO,
    type: "CloudRunServiceNewRevisionTrafficInfo",
    message: "A new revision will be deployed serving with 100% traffic.",
  });
  return Object.assign(stage, { state: State.IN_PROGRESS, message, stateMessages: isUpdate ? [info] : [] });
}

function detachStage(name: FunctionName, progress: Progress): Stage {
  const state = progress === "DONE" ? State.COMPLETE : State.IN_PROGRESS;
  return create(StageSchema, { name: Name.SERVICE, state, resource: serviceNameOf(name) });
}

/** The trigger that comes or, where the function has none any more, the one that goes. */
function triggerStage({ function: { eventTrigger } }: StoredFunction, progress: Progress): Stage {
  const stage = create(StageSchema, { name: Name.TRIGGER, state: State.NOT_STARTED });
  if (progress === "BUILD" || progress === "SERVICE") return stage;
  if (eventTrigger) stage.resource = eventTrigger.trigger;
  if (progress !== "TRIGGER") return Object.assign(stage, { state: State.COMPLETE });
  return Object.assign(stage, { state: State.IN_PROGRESS, message: "Creating trigger" });
}

/** gcloud's display has these from its start, so they may come later. */
function rollbackStages(name: FunctionName): Stage[] {
  return [
    create(StageSchema, { name: Name.SERVICE_ROLLBACK, state: State.IN_PROGRESS, resource: serviceNameOf(name) }),
    create(StageSchema, { name: Name.TRIGGER_ROLLBACK, state: State.IN_PROGRESS }),
  ];
}

function deletionStages(stored: StoredFunction, { formerTrigger }: Deployment, progress: Progress): Stage[] {
  const state = progress === "DONE" ? State.COMPLETE : State.IN_PROGRESS;
  const resource = serviceNameOf(parseFunctionName(stored.name));
  return [
    ...(formerTrigger ? [create(StageSchema, { name: Name.TRIGGER, state, resource: formerTrigger })] : []),
    create(StageSchema, { name: Name.SERVICE, state, resource }),
    create(StageSchema, { name: Name.ARTIFACT_REGISTRY, state }),
  ];
}
