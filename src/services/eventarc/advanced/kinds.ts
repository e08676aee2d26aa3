import { EnrollmentSchema } from "../../../gen/google/cloud/eventarc/v1/enrollment_pb.js";
import {
  type LoggingConfig,
  LoggingConfig_LogSeverity as Severity,
} from "../../../gen/google/cloud/eventarc/v1/logging_config_pb.js";
import { MessageBusSchema } from "../../../gen/google/cloud/eventarc/v1/message_bus_pb.js";
import { PipelineSchema } from "../../../gen/google/cloud/eventarc/v1/pipeline_pb.js";
import { unsupportedField } from "../../../wire/errors.ts";
import { compileCelMatch } from "../../../wire/filter/cel-match.ts";
import { canonicalName } from "../../../wire/interceptors/canonical-projects.ts";
import { type Deps, PIPELINE_KIND } from "../deps.ts";
import { invalidRequest } from "../errors.ts";
import { parseResourceName } from "../names.ts";
import type { Kind } from "./kind.ts";
import { validatePipeline } from "./validate-pipeline.ts";

/** Message buses: where events are published. */
export const messageBusKind: Kind<typeof MessageBusSchema> = {
  schema: MessageBusSchema,
  collection: "messageBuses",
  field: "message_bus",
  tableOf: ({ messageBuses }) => messageBuses,
  async validate(_deps, { cryptoKeyName, loggingConfig }) {
    if (cryptoKeyName !== "") throw unsupportedField("message_bus.crypto_key_name");
    refuseLogging(loggingConfig, "message_bus");
  },
};

/** Enrollments: which events of a bus go to which pipeline. */
export const enrollmentKind: Kind<typeof EnrollmentSchema> = {
  schema: EnrollmentSchema,
  collection: "enrollments",
  field: "enrollment",
  tableOf: ({ enrollments }) => enrollments,
  async canonicalize({ projects }, enrollment) {
    enrollment.messageBus = await canonicalName(enrollment.messageBus, projects);
    enrollment.destination = await canonicalName(enrollment.destination, projects);
  },
  async validate(deps, { celMatch, messageBus, destination }, before) {
    checkCel(celMatch);
    if (before && before.messageBus !== messageBus)
      throw invalidRequest("enrollment.message_bus", "the message bus of an enrollment cannot be changed");
    await checkBus(deps, messageBus, "enrollment.message_bus");
    parseResourceName(destination, "pipelines", "enrollment.destination");
    if (!(await deps.pipelines.get(destination)))
      throw invalidRequest("enrollment.destination", `pipeline "${destination}" was not found`);
  },
};

/** Pipelines: where events go, and how often that is tried. */
export const pipelineKind: Kind<typeof PipelineSchema> = {
  schema: PipelineSchema,
  collection: "pipelines",
  field: "pipeline",
  tableOf: ({ pipelines }) => pipelines,
  wakeup: PIPELINE_KIND,
  async canonicalize({ projects }, { destinations }) {
    for (const { destinationDescriptor: descriptor } of destinations)
      if (descriptor.case === "messageBus" || descriptor.case === "topic")
        descriptor.value = await canonicalName(descriptor.value, projects);
  },
  async validate(deps, pipeline) {
    refuseLogging(pipeline.loggingConfig, "pipeline");
    validatePipeline(pipeline);
    const descriptor = pipeline.destinations[0]?.destinationDescriptor;
    if (descriptor?.case === "messageBus")
      await checkBus(deps, descriptor.value, "pipeline.destinations[0].message_bus");
  },
};

async function checkBus({ messageBuses }: Deps, name: string, field: string): Promise<void> {
  parseResourceName(name, "messageBuses", field);
  if (!(await messageBuses.get(name))) throw invalidRequest(field, `message bus "${name}" was not found`);
}

function checkCel(expression: string): void {
  const field = "enrollment.cel_match";
  if (expression === "") throw invalidRequest(field, "enrollment.cel_match must be set");
  try {
    compileCelMatch(expression);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw invalidRequest(field, `invalid CEL expression: ${why}`);
  }
}

function refuseLogging(config: LoggingConfig | undefined, field: string): void {
  if (config && config.logSeverity > Severity.NONE) throw unsupportedField(`${field}.logging_config`);
}
