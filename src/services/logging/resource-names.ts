import { invalidArgument } from "../../wire/errors.ts";

/** Ids of the projects named by resource names ("projects/P", or a view of its _Default bucket). */
export function projectsOf(resourceNames: readonly string[], idOf: (idOrNumber: string) => string): string[] {
  if (resourceNames.length === 0) throw invalidResource("At least one resource name is required.");
  return resourceNames.map((name) => {
    const project = /^projects\/([^/]+)(\/locations\/[^/]+\/buckets\/[^/]+(\/views\/[^/]+)?)?$/.exec(name)?.[1];
    if (!project) throw invalidResource(`Only projects have logs here; '${name}' is not projects/PROJECT_ID.`);
    return idOf(project);
  });
}

function invalidResource(description: string) {
  return invalidArgument(description, [{ field: "resource_names", description }]);
}
