import type { DescMethod, Message } from "@bufbuild/protobuf";
import { getOption } from "@bufbuild/protobuf";
import { default_host } from "../../gen/google/api/client_pb.js";
import type { Call } from "../call.ts";
import type { Interceptor, Invocation, Payload } from "../dispatch.ts";
import { permissionDenied, unauthenticated } from "../errors.ts";
import type { Access, AccessedResource } from "../iam/access/access.ts";
import { accessedName } from "../iam/access/accessed-name.ts";

export interface AuthorizeDeps {
  readonly access: Access;
  /** The project of what its name does not tell it of: a bucket. Undefined: the name tells, or nobody knows. */
  readonly projectOf: (invocation: Invocation) => Promise<string | undefined>;
  /** The permission of a method that many APIs share; undefined: the one that the method declares. */
  readonly permissionOf: (invocation: Invocation & { readonly request: Message }) => Promise<string | undefined>;
}

/**
 * Lets a call through when its caller has the permission that its method declares, on the resource that its request names.
 * The machine's owner (a local caller without credentials) and homerun's own service agents have every permission.
 * Google: cloud.google.com/iam/docs/overview.
 */
export function authorize(deps: AuthorizeDeps): Interceptor {
  return async (invocation, next) => {
    const { policy, call, request, method } = invocation;
    if (policy.permission === "none" || isTrusted(call)) return next(invocation);
    if (!isStream(request)) {
      await check(deps, invocation, request);
      return next(invocation);
    }
    const { first, all } = await peek(request);
    if (first) await check(deps, invocation, first);
    else await check(deps, { ...invocation, method }, undefined);
    return next({ ...invocation, request: all });
  };
}

function isTrusted({ principal }: Call): boolean {
  return principal.kind === "owner" || principal.kind === "serviceAgent";
}

async function check(deps: AuthorizeDeps, invocation: Invocation, request: Message | undefined): Promise<void> {
  const { method, policy, call } = invocation;
  const shared = request && (await deps.permissionOf({ ...invocation, request }));
  const permission = shared ?? policy.permission;
  if (permission === "none" && call.principal.kind !== "anonymous") return;
  const name = request && accessedName(method, request);
  // What belongs to nobody, as the list of predefined roles, is for everyone with an identity.
  if (name === undefined && call.principal.kind !== "anonymous") return;
  const project = await deps.projectOf(request ? { ...invocation, request } : invocation);
  const resource = name === undefined ? undefined : resourceOf(method, name, project);
  if (resource && (await deps.access.isGranted(call.principal, permission, resource))) return;
  if (call.principal.kind === "anonymous" || !resource) throw unauthenticated("CREDENTIALS_MISSING");
  throw permissionDenied(permission, `${resource.resourceService}/${resource.name}`);
}

function resourceOf(method: DescMethod, name: string, project: string | undefined): AccessedResource {
  const resourceService = getOption(method.parent, default_host);
  return { name, resourceService, ...(project !== undefined && { project }) };
}

function isStream(request: Payload): request is AsyncIterable<Message> {
  return Symbol.asyncIterator in request;
}

/** The first message of a stream, and the stream as if it had not been read. */
async function peek(messages: AsyncIterable<Message>) {
  const iterator = messages[Symbol.asyncIterator]();
  const first = await iterator.next();
  const all: AsyncIterable<Message> = {
    async *[Symbol.asyncIterator]() {
      if (first.done) return;
      yield first.value;
      yield* { [Symbol.asyncIterator]: () => iterator };
    },
  };
  return { first: first.done ? undefined : first.value, all };
}
