import { type DescField, type DescMessage, type Message, ScalarType } from "@bufbuild/protobuf";
import { reflect } from "@bufbuild/protobuf/reflect";
import type { Interceptor } from "../dispatch.ts";
import type { Projects } from "../projects/projects.ts";

/** Request fields that hold the name of a resource or of its parent; the last five are those of Pub/Sub and Cloud Tasks. */
const NAME_FIELDS = new Set(["name", "parent", "resource", "project", "topic", "subscription", "snapshot", "queue"]);

/**
 * Clients write projects/ID and projects/NUMBER as they like; handlers see the id only.
 * Also remembers every project named, since any project id works without being created.
 */
export function canonicalProjects(projects: Projects): Interceptor {
  return async (invocation, next) => {
    if (!(Symbol.asyncIterator in invocation.request)) {
      await canonicalize(invocation.method.input, invocation.request, projects);
    }
    return next(invocation);
  };
}

/** Replaces the project of a resource name ("projects/NUMBER/...") by its id and remembers it. */
export async function canonicalName(name: string, projects: Projects): Promise<string> {
  const match = /^projects\/([^/]+)(.*)$/s.exec(name);
  // "-" stands for any project, and "_" for the one that a Cloud Storage bucket is in.
  if (!match || match[1] === "-" || match[1] === "_") return name;
  const id = projects.idOf(match[1]!);
  if (!/^\d+$/.test(id)) await projects.remember(id);
  return `projects/${id}${match[2]}`;
}

async function canonicalize(schema: DescMessage, message: Message, projects: Projects): Promise<void> {
  const reflected = reflect(schema, message);
  for (const field of schema.fields) {
    if (isNameField(field)) {
      // A field of a oneof that is not set stays so.
      if (reflected.isSet(field)) reflected.set(field, await canonicalName(reflected.get(field), projects));
    }
    // A resource inside the request names itself: UpdateFunctionRequest.function.name.
    else if (field.fieldKind === "message" && reflected.isSet(field)) {
      const inner = reflected.get(field);
      const name = inner.desc.fields.find((each) => each.name === "name");
      if (name && isNameField(name)) inner.set(name, await canonicalName(inner.get(name), projects));
    }
  }
}

function isNameField(field: DescField): field is DescField & { fieldKind: "scalar"; scalar: ScalarType.STRING } {
  return field.fieldKind === "scalar" && field.scalar === ScalarType.STRING && NAME_FIELDS.has(field.name);
}
