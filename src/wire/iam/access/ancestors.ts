/**
 * The resources whose policies count for a resource, from itself up to its project: every other pair of segments is cut
 * off, and locations and collections without a policy of their own simply have none.
 * What is in a bucket has no project in its name; `project` tells it.
 * "projects/p/locations/l/keyRings/r/cryptoKeys/k" -> itself, ".../keyRings/r", "projects/p/locations/l", "projects/p".
 */
export function ancestorsOf(resource: string, project?: string): string[] {
  const segments = resource.split("/");
  const names: string[] = [];
  for (let length = segments.length; length >= 2; length -= length % 2 === 0 ? 2 : 1)
    names.push(segments.slice(0, length).join("/"));
  const own = names.filter((name) => !/^projects\/([^/]+\/locations\/[^/]+|_)$/.test(name));
  return project === undefined || own.at(-1) === `projects/${project}` ? own : [...own, `projects/${project}`];
}
