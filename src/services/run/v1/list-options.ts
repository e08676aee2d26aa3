import { projectNumberOf } from "../../../wire/projects/project-number.ts";
import { invalidArgument } from "../../../wire/errors.ts";
import type { KnativeObject } from "./collection.ts";
import { parseFieldSelector } from "./field-selector.ts";
import { parseLabelSelector } from "./label-selector.ts";
import type { V1Request } from "./request.ts";

/** Seconds that a watch lasts when the client does not say: what API servers of Kubernetes begin at. */
const DEFAULT_WATCH_SECONDS = 1800;

/** What the query of a list or watch asks for. Kubernetes: meta/v1, ListOptions. */
export interface ListOptions {
  readonly selects: (object: Pick<KnativeObject, "metadata">) => boolean;
  /** Text of both selectors, which page tokens are bound to. */
  readonly selectors: string;
  readonly limit: number;
  readonly continue: string;
  readonly watch: boolean;
  readonly resourceVersion: string;
  readonly allowWatchBookmarks: boolean;
  /** Whether a watch begins with what is there already, followed by a bookmark. */
  readonly sendInitialEvents: boolean;
  readonly timeoutSeconds: number;
}

/** Reads the query of a list or watch; INVALID_ARGUMENT for what is none. */
export function listOptionsOf({ url, project }: Pick<V1Request, "url" | "project">): ListOptions {
  const text = (name: string) => url.searchParams.get(name) ?? "";
  const [labels, fields] = [text("labelSelector"), text("fieldSelector")];
  const hasLabels = parseLabelSelector(labels);
  const hasFields = parseFieldSelector(fields, [project, projectNumberOf(project)]);
  return {
    selects: ({ metadata }) => hasFields(metadata) && hasLabels(metadata.labels ?? {}),
    selectors: `${labels}/${fields}`,
    limit: integerOf("limit", text("limit")) ?? 0,
    continue: text("continue"),
    watch: isTrue("watch", text("watch")),
    resourceVersion: text("resourceVersion"),
    allowWatchBookmarks: isTrue("allowWatchBookmarks", text("allowWatchBookmarks")),
    sendInitialEvents: isTrue("sendInitialEvents", text("sendInitialEvents")),
    timeoutSeconds: integerOf("timeoutSeconds", text("timeoutSeconds")) || DEFAULT_WATCH_SECONDS,
  };
}

function integerOf(field: string, text: string): number | undefined {
  if (text === "") return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  const description = `Invalid value at '${field}' (TYPE_INT32), "${text}"`;
  throw invalidArgument(description, [{ field, description }]);
}

function isTrue(field: string, text: string): boolean {
  if (["", "0", "f", "false"].includes(text.toLowerCase())) return false;
  if (["1", "t", "true"].includes(text.toLowerCase())) return true;
  const description = `Invalid value at '${field}' (TYPE_BOOL), "${text}"`;
  throw invalidArgument(description, [{ field, description }]);
}
