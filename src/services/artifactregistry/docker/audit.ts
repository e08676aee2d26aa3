import type { SurfaceAudit } from "../../../wire/audit/subject.ts";
import type { RegistryModel } from "../model.ts";

const MANIFEST = /^\/v2\/([^/]+)\/([^/]+)\/(.+)\/manifests\/([^/]+)$/;
/** What requests for manifests do. Google: cloud.google.com/artifact-registry/docs/audit-logging. */
const METHODS: Readonly<Record<string, Pick<SurfaceAudit, "methodName" | "permission" | "kind">>> = {
  GET: {
    methodName: "Docker-GetManifest",
    permission: "artifactregistry.repositories.downloadArtifacts",
    kind: "DATA_READ",
  },
  HEAD: {
    methodName: "Docker-HeadManifest",
    permission: "artifactregistry.repositories.downloadArtifacts",
    kind: "DATA_READ",
  },
  PUT: {
    methodName: "Docker-PutManifest",
    permission: "artifactregistry.repositories.uploadArtifacts",
    kind: "DATA_WRITE",
  },
  DELETE: {
    methodName: "Docker-DeleteManifest",
    permission: "artifactregistry.repositories.deleteArtifacts",
    kind: "DATA_WRITE",
  },
};

/** How audit logs name requests of the registry protocol; blobs go with the manifests that name them. */
export function dockerAudit({ projects }: Pick<RegistryModel, "projects">, request: Request): SurfaceAudit | undefined {
  const { hostname, pathname } = new URL(request.url);
  const [, named, repository, image, reference] = MANIFEST.exec(pathname) ?? [];
  const location = /^([a-z0-9-]+)-docker\.pkg\.dev$/.exec(hostname)?.[1];
  const method = METHODS[request.method];
  if (named === undefined || location === undefined || method === undefined) return undefined;
  const project = projects.idOf(decodeURIComponent(named));
  const name = `projects/${project}/locations/${location}/repositories/${repository}`;
  const version = reference?.startsWith("sha256:") ? "versions" : "tags";
  return {
    serviceName: "artifactregistry.googleapis.com",
    ...method,
    resourceName: `${name}/dockerImages/${encodeURIComponent(image ?? "")}/${version}/${reference}`,
    place: async () => ({ project, location }),
  };
}
