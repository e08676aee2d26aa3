import { create, fromJson, type JsonValue, toJson } from "@bufbuild/protobuf";
import { PolicySchema } from "../../../gen/google/iam/v1/policy_pb.js";
import { invalidArgument, unauthenticated } from "../../../wire/errors.ts";
import type { SurfaceAudit } from "../../../wire/audit/subject.ts";
import type { Surface } from "../../../wire/service-module.ts";
import { errorBody, toApiError } from "../../../wire/status.ts";
import { projectV1 } from "../project.ts";
import { findProject, type ProjectDeps, readProjectPolicy, writeProjectPolicy } from "../projects.ts";

const PATH = /^\/v1\/projects(?:\/([^/:]+(?::[^/:]+)??))?(?::(getIamPolicy|setIamPolicy|testIamPermissions))?$/;

/** Projects of Resource Manager v1, which has no proto (discovery document cloudresourcemanager v1). */
export function projectsV1(deps: ProjectDeps): Surface {
  return {
    matches: (path) => PATH.test(path),
    audit: (request) => auditOf(deps, request),
    async fetch(request, call) {
      const [, project, verb] = PATH.exec(new URL(request.url).pathname)!;
      try {
        if (call.principal.kind === "anonymous") throw unauthenticated("CREDENTIALS_MISSING");
        return Response.json(await answer(deps, request, project && decodeURIComponent(project), verb));
      } catch (thrown) {
        const { httpStatus, body } = errorBody(toApiError(thrown));
        return Response.json(body, { status: httpStatus });
      }
    },
  };
}

async function answer(deps: ProjectDeps, request: Request, id: string | undefined, verb: string | undefined) {
  if (id === undefined) return { projects: deps.projects.list().map(projectV1) };
  const project = await findProject(deps, id);
  if (verb === undefined) return projectV1(project);
  if (verb === "getIamPolicy") return toJson(PolicySchema, await readProjectPolicy(deps, project));
  const body = await readJson(request);
  if (verb === "testIamPermissions") return { permissions: body["permissions"] ?? [] };
  const policy = fromJson(PolicySchema, (body["policy"] ?? {}) as JsonValue, { ignoreUnknownFields: true });
  return toJson(PolicySchema, await writeProjectPolicy(deps, project, create(PolicySchema, policy), maskOf(body)));
}

function maskOf({ updateMask }: Readonly<Record<string, unknown>>): string[] {
  return typeof updateMask === "string" && updateMask !== "" ? updateMask.split(",") : [];
}

/** Google: cloud.google.com/resource-manager/docs/audit-logging. */
function auditOf({ projects }: ProjectDeps, request: Request): SurfaceAudit | undefined {
  const [, named, verb] = PATH.exec(new URL(request.url).pathname) ?? [];
  const project = named === undefined ? undefined : projects.idOf(decodeURIComponent(named));
  const method = named === undefined ? undefined : METHODS[verb ?? ""];
  if (project === undefined || method === undefined) return undefined;
  return {
    serviceName: "cloudresourcemanager.googleapis.com",
    ...method,
    resourceName: `projects/${project}`,
    place: async () => ({ project }),
    bodies: { request: "google.iam.v1.SetIamPolicyRequest", response: "google.iam.v1.Policy" },
  };
}

const METHODS: Readonly<Record<string, Pick<SurfaceAudit, "methodName" | "permission" | "kind">>> = {
  "": { methodName: "GetProject", permission: "resourcemanager.projects.get", kind: "ADMIN_READ" },
  getIamPolicy: { methodName: "GetIamPolicy", permission: "resourcemanager.projects.getIamPolicy", kind: "ADMIN_READ" },
  setIamPolicy: {
    methodName: "SetIamPolicy",
    permission: "resourcemanager.projects.setIamPolicy",
    kind: "ADMIN_WRITE",
  },
};

async function readJson(request: Request): Promise<Record<string, unknown>> {
  try {
    return (await request.json()) as Record<string, unknown>;
  } catch (error) {
    throw invalidArgument(`Invalid JSON payload received. ${(error as Error).message}`);
  }
}
