import { invalidSink } from "./errors.ts";

export interface SinkPlace {
  /** Id of the project. */
  readonly project: string;
  readonly id: string;
  /** "projects/P/sinks/S" with the project's id. */
  readonly name: string;
}

/** The project that a sink is to be in, or that sinks are listed of; homerun has no folders and organizations. */
export function projectOfParent(parent: string, idOf: (idOrNumber: string) => string): string {
  const project = /^projects\/([^/]+)$/.exec(parent)?.[1];
  if (!project) throw invalidSink("parent", `Only projects have sinks here; '${parent}' is not projects/PROJECT_ID.`);
  return idOf(project);
}

/** Where a sink is, by its name. */
export function sinkPlace(sinkName: string, idOf: (idOrNumber: string) => string): SinkPlace {
  const [, parent, id] = /^(.+)\/sinks\/([^/]+)$/.exec(sinkName) ?? [];
  if (parent === undefined || id === undefined) {
    throw invalidSink("sink_name", `'${sinkName}' is not the name of a sink: projects/PROJECT_ID/sinks/SINK_ID.`);
  }
  const project = projectOfParent(parent, idOf);
  return { project, id, name: `projects/${project}/sinks/${id}` };
}
