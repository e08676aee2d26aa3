import type { Collection, Column, KnativeObject } from "./collection.ts";
import type { KnativeCondition } from "./knative.ts";

interface WithStatus extends KnativeObject {
  readonly status?: { readonly conditions?: readonly KnativeCondition[] };
}

/** The columns that every kind has: whether it is ready, and if not, why. */
export const READY_COLUMNS: readonly Column<WithStatus>[] = [
  { name: "Ready", type: "string", of: (object) => readyOf(object)?.status },
  { name: "Reason", type: "string", of: (object) => readyOf(object)?.reason },
];

/** Whether a client wants a table rather than the objects, as kubectl does for people. Kubernetes: API concepts. */
export function asksForTable(request: Request): boolean {
  const [first = ""] = (request.headers.get("accept") ?? "").split(",");
  return /^application\/json\s*;/.test(first) && /;\s*as=Table\b/.test(first) && /;\s*g=meta\.k8s\.io\b/.test(first);
}

/** Objects as rows of a meta.k8s.io/v1 Table; includeObject of the query says how much of each object goes with it. */
export function tableOf<Item>(
  { columns = READY_COLUMNS }: Collection<Item>,
  objects: readonly KnativeObject[],
  url: URL,
  metadata: object,
): KnativeObject {
  const include = url.searchParams.get("includeObject") ?? "Metadata";
  const table = {
    apiVersion: "meta.k8s.io/v1",
    kind: "Table",
    metadata,
    columnDefinitions: [
      definition("Name", "string", "name"),
      ...columns.map(({ name, type }) => definition(name, type)),
    ],
    rows: objects.map((object) => ({
      cells: [object.metadata.name, ...columns.map(({ of }) => of(object as never) ?? null)],
      ...(include !== "None" && { object: include === "Object" ? object : partial(object) }),
    })),
  };
  return table;
}

function definition(name: string, type: string, format = "") {
  return { name, type, format, description: name, priority: 0 };
}

function partial({ metadata }: KnativeObject) {
  return { apiVersion: "meta.k8s.io/v1", kind: "PartialObjectMetadata", metadata };
}

function readyOf({ status }: WithStatus): KnativeCondition | undefined {
  return status?.conditions?.find(({ type }) => type === "Ready");
}
