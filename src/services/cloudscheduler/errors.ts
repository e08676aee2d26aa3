import { type ApiError, alreadyExists, failedPrecondition, invalidArgument, notFound } from "../../wire/errors.ts";

/** There is no such job. */
export function jobNotFound(name: string): ApiError {
  return notFound(name, "Job not found.");
}

/** The name of a new job is taken. */
export function jobExists(name: string): ApiError {
  return alreadyExists(name, `Job ${name} already exists.`);
}

/** A job in another state cannot be paused or resumed. */
export function jobNotInState(state: string, method: string): ApiError {
  return failedPrecondition(`Job.state must be ${state} for ${method}.`);
}

/** The schedule or the time zone is none, or its time never comes. */
export function invalidSchedule(): ApiError {
  return invalidField("job.schedule", "Schedule or time zone is invalid.");
}

/** A field has a value that Cloud Scheduler does not take. */
export function invalidField(field: string, description: string): ApiError {
  return invalidArgument(description, [{ field, description }]);
}
