import type { DescMethod, Message } from "@bufbuild/protobuf";
import type { AuditSubject } from "../../wire/audit/subject.ts";
import type { Projects } from "../../wire/projects/projects.ts";

interface OldNames {
  readonly name?: string;
  readonly parent?: string;
  readonly projectId?: string;
  readonly id?: string;
  readonly triggerId?: string;
}

/** How audit logs name calls by the older, global paths, which tell project and id apart from each other. */
export function auditSubjectOf({ idOf }: Pick<Projects, "idOf">) {
  return async (method: DescMethod, request: Message): Promise<Partial<AuditSubject>> => {
    const { name, parent, projectId, id, triggerId } = request as unknown as OldNames;
    if (name || parent || !projectId) return {};
    const collection = method.name.includes("Trigger") ? "triggers" : "builds";
    const named = triggerId || id;
    const project = idOf(projectId);
    return { project, resourceName: `projects/${project}/${collection}${named ? `/${named}` : ""}` };
  };
}
