import { type ApiError, alreadyExists, invalidArgument, notFound } from "../../../wire/errors.ts";

/** There is no such topic, subscription, snapshot or schema. */
export function resourceNotFound(name: string): ApiError {
  return notFound(name, `Resource not found (resource=${name}).`);
}

/** The name of a new resource is taken. */
export function resourceExists(name: string): ApiError {
  return alreadyExists(name, `Resource already exists in the project (resource=${name}).`);
}

/** A field has a value that Pub/Sub does not take. */
export function invalidField(field: string, description: string): ApiError {
  return invalidArgument(description, [{ field, description }]);
}

/** The limits of a field; durations are given in seconds. */
export interface Bounds {
  readonly min: number;
  readonly max: number;
  /** "s" for seconds. */
  readonly unit?: string;
}

/** Rejects a number out of bounds in Google's words; `field` is its path, whose last name the message says. */
export function checkBounds(field: string, value: number, { min, max, unit = "" }: Bounds): void {
  if (value >= min && value <= max) return;
  const [size, edge, limit] = value < min ? ["small", "minimum", min] : ["large", "maximum", max];
  const passed = `You passed ${value}${unit} in the request, but the ${edge} value is ${limit}${unit}.`;
  throw invalidField(field, `The value for ${field.split(".").at(-1)} is too ${size}. ${passed}`);
}
