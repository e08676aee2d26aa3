/** One resource as discovery describes it. */
export interface DiscoveredResource {
  readonly plural: string;
  readonly kind: string;
  readonly shortNames: readonly string[];
  readonly verbs: readonly string[];
}

/** The API groups of Cloud Run with the resources that each serves. */
export type DiscoveredGroups = Readonly<Record<string, readonly DiscoveredResource[]>>;

const VERSION = "v1";
/** The version of Kubernetes whose conventions lists, watches and tables follow. */
const KUBERNETES = { major: "1", minor: "32", gitVersion: "v1.32.0+homerun", platform: "linux/amd64" };
const OPENAPI_V2 = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

/**
 * What kubectl reads before it does anything: /version, /api, /apis and below. Nothing lies in the legacy group, and no
 * schemas are published, so that bodies are checked here and not by the client. Kubernetes: API concepts, discovery.
 */
export function discoveryOf(groups: DiscoveredGroups, path: string): object | undefined {
  if (path === "/version") return KUBERNETES;
  if (path === "/api") return { kind: "APIVersions", versions: [] };
  if (path === "/apis") return { kind: "APIGroupList", apiVersion: "v1", groups: Object.keys(groups).map(groupOf) };
  if (path === "/openapi/v2") return new Response(new Uint8Array(), { headers: { "content-type": OPENAPI_V2 } });
  if (path === "/openapi/v3") return { paths: {} };
  const [, name = "", version] = /^\/apis\/([^/]+)(?:\/([^/]+))?$/.exec(path) ?? [];
  const resources = Object.hasOwn(groups, name) ? groups[name] : undefined;
  if (!resources) return undefined;
  if (version === undefined) return { kind: "APIGroup", apiVersion: "v1", ...groupOf(name) };
  return version === VERSION ? resourceListOf(name, resources) : undefined;
}

function groupOf(name: string) {
  const version = { groupVersion: `${name}/${VERSION}`, version: VERSION };
  return { name, versions: [version], preferredVersion: version };
}

function resourceListOf(group: string, resources: readonly DiscoveredResource[]) {
  return {
    kind: "APIResourceList",
    apiVersion: "v1",
    groupVersion: `${group}/${VERSION}`,
    resources: resources.map(({ plural, kind, shortNames, verbs }) => {
      const singularName = kind.toLowerCase();
      return { name: plural, singularName, namespaced: true, kind, verbs, shortNames, categories: ["all"] };
    }),
  };
}
