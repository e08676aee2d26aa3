import { create, fromJson, type JsonValue, toJson } from "@bufbuild/protobuf";
import { PolicySchema } from "../../../gen/google/iam/v1/policy_pb.js";
import { invalidArgument, unauthenticated } from "../../../wire/errors.ts";
import type { Call } from "../../../wire/call.ts";
import type { SurfaceAudit } from "../../../wire/audit/subject.ts";
import type { Surface } from "../../../wire/service-module.ts";
import { errorBody, toApiError } from "../../../wire/status.ts";
import { projectV1 } from "../project.ts";
import { findProject, type ProjectDeps, readProjectPolicy, writeProjectPolicy } from "../projects.ts";

const SERVICE_HOST = "cloudresourcemanager.googleapis.com";
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
        const named = project && deps.projects.idOf(decodeURIComponent(project));
        if (named !== undefined) await authorize(deps, call, named, verb);
        return Response.json(await answer(deps, request, call, named, verb));
      } catch (thrown) {
        const { httpStatus, body } = errorBody(toApiError(thrown));
        return Response.json(body, { status: httpStatus });
      }
    },
  };
}

/** What a caller holds of permissions may be asked by anyone. */
async function authorize({ access }: ProjectDeps, { principal }: Call, id: string, verb = ""): Promise<void> {
  const permission = METHODS[verb]?.permission;
  const resource = { name: `projects/${id}`, resourceService: SERVICE_HOST };
  if (permission !== undefined) await access.require(principal, permission, resource);
}

async function answer(
  deps: ProjectDeps,
  request: Request,
  { principal }: Call,
  id: string | undefined,
  verb: string | undefined,
) {
  if (id === undefined) return { projects: deps.projects.list().map(projectV1) };
  const project = await findProject(deps, id);
  if (verb === undefined) return projectV1(project);
  if (verb === "getIamPolicy") return toJson(PolicySchema, await readProjectPolicy(deps, project));
  const body = await readJson(request);
  if (verb === "testIamPermissions") {
    const asked = Array.isArray(body["permissions"]) ? (body["permissions"] as string[]) : [];
    return { permissions: await deps.access.held(principal, asked, { name: `projects/${project.id}` }) };
  }
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
    serviceName: SERVICE_HOST,
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
