import { type ApiError, type FieldViolation, invalidArgument } from "../../../wire/errors.ts";

/**
 * A fault of a service, by the v2 path of its field below the service ("template.containers[0].env"). `protoLevel`
 * faults are those that Google's front end finds and words "Violation in CreateServiceRequest.service.FIELD: ...".
 */
export interface Violation extends FieldViolation {
  readonly protoLevel?: boolean;
}

/** How a surface names fields in its errors. */
export type FieldNaming = (violation: Violation) => string;

/** Names of run v2. `request` is the message that carries the service, for example "CreateServiceRequest". */
export function v2Naming(request: string): FieldNaming {
  return ({ field, protoLevel }) => (protoLevel ? `Violation in ${request}.service.${field}` : field);
}

/** INVALID_ARGUMENT in Google's form: "FIELD: DESCRIPTION" of the first violation, and a BadRequest with all. */
export function violationError(violations: readonly Violation[], naming: FieldNaming): ApiError {
  const named = violations.map((violation) => ({ field: naming(violation), description: violation.description }));
  return invalidArgument(`${named[0]!.field}: ${named[0]!.description}`, named);
}
