import { create, type DescMethod, type DescService, type MessageShape } from "@bufbuild/protobuf";
import type { Call } from "./call.ts";
import { unimplemented } from "./errors.ts";
import type { Rpc, RpcPolicy } from "./rpc.ts";

/** One message for unary input or output, a stream otherwise; which one follows from method.methodKind. */
export type Payload = MessageShape<DescMethod["input"]> | AsyncIterable<MessageShape<DescMethod["input"]>>;

/** What an interceptor sees of a call. */
export interface Invocation {
  readonly method: DescMethod;
  readonly policy: RpcPolicy;
  readonly request: Payload;
  readonly call: Call;
}

/** Wraps every call; calls `next` with the invocation, changed or not, or throws. */
export type Interceptor = (
  invocation: Invocation,
  next: (invocation: Invocation) => Promise<Payload>,
) => Promise<Payload>;

/** Where REST, gRPC and in-process calls all end. */
export interface Dispatcher {
  /** Calls a method through all interceptors. Rejects with what the handler or an interceptor threw. */
  dispatch(method: DescMethod, request: Payload, call: Call): Promise<Payload>;
  /** Every served proto service. */
  readonly services: readonly DescService[];
}

/** Builds the dispatcher; the first interceptor is the outermost one. */
export function createDispatcher(
  services: readonly DescService[],
  rpcs: readonly Rpc[],
  interceptors: readonly Interceptor[],
): Dispatcher {
  const implementations = indexRpcs(services, rpcs);
  const run = interceptors.reduceRight<(invocation: Invocation) => Promise<Payload>>(
    (next, interceptor) => (invocation) => interceptor(invocation, next),
    (invocation) => invoke(implementations.get(invocation.method)!, invocation),
  );
  return {
    services,
    async dispatch(method, request, call) {
      const implementation = implementations.get(method);
      if (!implementation) throw unimplemented(`Method ${method.parent.typeName}.${method.name}`);
      return run({ method, policy: implementation.policy, request, call });
    },
  };
}

function indexRpcs(services: readonly DescService[], rpcs: readonly Rpc[]): Map<DescMethod, Rpc> {
  const served = new Set(services.flatMap((service) => service.methods));
  const index = new Map<DescMethod, Rpc>();
  for (const rpc of rpcs) {
    const name = `${rpc.method.parent.typeName}.${rpc.method.name}`;
    if (!served.has(rpc.method)) throw new Error(`${name} is implemented, but its service is not served`);
    if (index.has(rpc.method)) throw new Error(`${name} is implemented twice`);
    index.set(rpc.method, rpc);
  }
  return index;
}

async function invoke(rpc: Rpc, { method, request, call }: Invocation): Promise<Payload> {
  const result = rpc.handle(request as never, call);
  if (method.methodKind === "unary" || method.methodKind === "client_streaming") {
    return create(method.output, (await result) as Record<string, unknown>);
  }
  return messagesOf(method, result as AsyncIterable<Record<string, unknown>>);
}

async function* messagesOf(method: DescMethod, results: AsyncIterable<Record<string, unknown>>) {
  for await (const result of results) yield create(method.output, result);
}
