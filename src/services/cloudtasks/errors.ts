import { Code } from "../../gen/google/rpc/code_pb.js";
import { alreadyExists, ApiError, failedPrecondition, invalidArgument, notFound } from "../../wire/errors.ts";

/** There is no such queue. */
export function queueNotFound(name: string): ApiError {
  return notFound(
    name,
    "Queue does not exist. If you just created the queue, wait at least a minute for the queue to initialize.",
  );
}

/** The name of a new queue is taken. */
export function queueExists(name: string): ApiError {
  return alreadyExists(name, "Queue already exists");
}

/** A queue of that name was deleted less than seven days ago. */
export function queueExistedRecently(): ApiError {
  return failedPrecondition("The queue cannot be created because a queue with this name existed too recently.");
}

/** There is no such task, and there was none of that name that anybody remembers. */
export function taskNotFound(name: string): ApiError {
  return notFound(name, "Task does not exist.");
}

/** There is no such task any more. */
export function taskGone(name: string): ApiError {
  const what = "The task no longer exists, though a task with this name existed recently.";
  return notFound(name, `${what} The task either successfully completed or was deleted.`);
}

/** The name of a new task is taken. */
export function taskExists(name: string): ApiError {
  return alreadyExists(name, "Requested entity already exists");
}

/** A task of that name ended or was deleted within the last hour. */
export function taskExistedRecently(): ApiError {
  const message = "The task cannot be created because a task with this name existed too recently.";
  return new ApiError(Code.ALREADY_EXISTS, message);
}

/** A field has a value that Cloud Tasks does not take. */
export function invalidField(field: string, description: string): ApiError {
  return invalidArgument(description, [{ field, description }]);
}
