import type { DescMethod, Message } from "@bufbuild/protobuf";
import { getOption } from "@bufbuild/protobuf";
import { default_host } from "../../gen/google/api/client_pb.js";
import type { Call } from "../call.ts";
import type { Interceptor, Invocation, Payload } from "../dispatch.ts";
import { unauthenticated } from "../errors.ts";
import type { Access, OwnedResource } from "../iam/access/access.ts";
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
    const { policy, call, request } = invocation;
    if (policy.permission === "none" || isTrusted(call)) return next(invocation);
    if (!isStream(request)) {
      await check(deps, invocation, request);
      return next(invocation);
    }
    const { first, all } = await peek(request);
    await check(deps, invocation, first);
    return next({ ...invocation, request: all });
  };
}

function isTrusted({ principal }: Call): boolean {
  return principal.kind === "owner" || principal.kind === "serviceAgent";
}

async function check(deps: AuthorizeDeps, invocation: Invocation, request: Message | undefined): Promise<void> {
  const { method, policy, call } = invocation;
  const about = request && { ...invocation, request };
  const permission = (about && (await deps.permissionOf(about))) ?? policy.permission;
  const name = about && accessedName(method, about.request);
  const hasIdentity = call.principal.kind !== "anonymous";
  // What belongs to nobody, as the list of predefined roles, is for everyone with an identity.
  if (hasIdentity && (permission === "none" || name === undefined)) return;
  if (about === undefined || name === undefined) throw unauthenticated("CREDENTIALS_MISSING");
  const project = await deps.projectOf(about);
  await deps.access.require(call.principal, permission, resourceOf(method, name, project));
}

function resourceOf(method: DescMethod, name: string, project: string | undefined): OwnedResource {
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
