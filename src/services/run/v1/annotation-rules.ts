import { invalidArgument, unsupportedField } from "../../../wire/errors.ts";
import { isSystemKey } from "../validate/metadata.ts";

/** How a v1 annotation stands for fields of a v2 message. */
export interface AnnotationRule<Target> {
  /** Sets the fields; absent for annotations that only the server writes. Rejects values that make no sense. */
  readonly read?: (value: string, target: Target, key: string) => void;
  /** The annotation's value, undefined when it is not shown. */
  readonly write?: (target: Target) => string | undefined;
}

export type AnnotationRules<Target> = Readonly<Record<string, AnnotationRule<Target>>>;

/** Annotations sorted into what they stand for. */
export interface SortedAnnotations {
  /** Annotations of the client's own. */
  readonly own: Record<string, string>;
  /** System annotations that no v2 field stands for; kept for v1. */
  readonly hidden: Record<string, string>;
}

/**
 * Applies the rules to a v2 message and returns the annotations that no rule takes. Annotations in `unsupported` are
 * refused by name, unless they say "false" or nothing. `path` is where the annotations stand: "metadata.annotations".
 */
export function readAnnotations<Target>(
  annotations: Readonly<Record<string, string>>,
  rules: AnnotationRules<Target>,
  unsupported: ReadonlySet<string>,
  target: Target,
  path: string,
): SortedAnnotations {
  const sorted: SortedAnnotations = { own: {}, hidden: {} };
  for (const [key, value] of Object.entries(annotations)) {
    const rule = rules[key];
    if (rule) rule.read?.(value, target, `${path}[${key}]`);
    else if (unsupported.has(key)) refuse(value, `${path}[${key}]`);
    else if (isSystemKey(key)) sorted.hidden[key] = value;
    else sorted.own[key] = value;
  }
  return sorted;
}

/** The annotations that the rules show for a v2 message. */
export function writeAnnotations<Target>(rules: AnnotationRules<Target>, target: Target): Record<string, string> {
  const entries = Object.entries(rules).map(([key, { write }]) => [key, write?.(target)] as const);
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/** An annotation that only the server writes; what clients send back is dropped. */
export function serverWritten<Target>(write?: (target: Target) => string | undefined): AnnotationRule<Target> {
  return write ? { write } : {};
}

/** Parses "true" and "false" in any case; INVALID_ARGUMENT that names the annotation for anything else. */
export function parseBoolean(value: string, key: string): boolean {
  const lower = value.toLowerCase();
  if (lower === "true" || lower === "false") return lower === "true";
  throw invalidAnnotation(key, value, "true or false");
}

/** Parses a count; INVALID_ARGUMENT that names the annotation for anything else. */
export function parseCount(value: string, key: string): number {
  if (/^\d{1,9}$/.test(value)) return Number(value);
  throw invalidAnnotation(key, value, "a whole number");
}

/** What the JSON of an annotation may be. */
interface JsonKinds {
  readonly list: string[];
  readonly map: Record<string, string>;
  readonly lists: Record<string, string[]>;
}

/** Parses a JSON list, map, or map of lists of strings; INVALID_ARGUMENT that names the annotation for anything else. */
export function parseJson<Kind extends keyof JsonKinds>(value: string, kind: Kind, key: string): JsonKinds[Kind] {
  const parsed = tryParse(value);
  const isItem = kind === "lists" ? isList : isString;
  const fits =
    typeof parsed === "object" &&
    parsed !== null &&
    Array.isArray(parsed) === (kind === "list") &&
    Object.values(parsed).every(isItem);
  if (!fits) throw invalidAnnotation(key, value, `a JSON ${kind === "lists" ? "map of lists" : kind} of strings`);
  return parsed as JsonKinds[Kind];
}

function isString(value: unknown): boolean {
  return typeof value === "string";
}

function isList(value: unknown): boolean {
  return Array.isArray(value) && value.every(isString);
}

/** The value that an annotation names; INVALID_ARGUMENT that lists the names for anything else. */
export function byName<Value>(values: Readonly<Record<string, Value>>, name: string, key: string): Value {
  const value = Object.hasOwn(values, name) ? values[name] : undefined;
  if (value === undefined) throw invalidAnnotation(key, name, `one of ${Object.keys(values).join(", ")}`);
  return value;
}

/** The first name of a value. */
export function nameOf<Value>(values: Readonly<Record<string, Value>>, value: Value): string | undefined {
  return Object.entries(values).find(([, each]) => each === value)?.[0];
}

/** INVALID_ARGUMENT of an annotation's value. */
export function invalidAnnotation(key: string, value: string, expected: string) {
  const description = `Invalid value '${value}': must be ${expected}.`;
  return invalidArgument(`${key}: ${description}`, [{ field: key, description }]);
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function refuse(value: string, field: string): void {
  if (value !== "" && value.toLowerCase() !== "false") throw unsupportedField(field);
}
