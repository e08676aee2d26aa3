import {
  create,
  type DescMethod,
  type DescService,
  type MessageInitShape,
  type MessageShape,
} from "@bufbuild/protobuf";
import type { Call } from "../call.ts";
import type { Principal } from "../credentials/principal.ts";
import type { Dispatcher, Payload } from "../dispatch.ts";

/** A typed client of a proto service: one function per method, named as in the descriptor (createFunction, ...). */
export type Client<Service extends DescService> = {
  readonly [Name in keyof Service["method"]]: Service["method"][Name] extends DescMethod
    ? ClientMethod<Service["method"][Name]>
    : never;
};

type ClientMethod<Method extends DescMethod> = Method["methodKind"] extends "unary"
  ? (request: MessageInitShape<Method["input"]>) => Promise<MessageShape<Method["output"]>>
  : Method["methodKind"] extends "server_streaming"
    ? (request: MessageInitShape<Method["input"]>) => AsyncIterable<MessageShape<Method["output"]>>
    : Method["methodKind"] extends "client_streaming"
      ? (requests: AsyncIterable<MessageInitShape<Method["input"]>>) => Promise<MessageShape<Method["output"]>>
      : (requests: AsyncIterable<MessageInitShape<Method["input"]>>) => AsyncIterable<MessageShape<Method["output"]>>;

/** Makes clients that call the server's own services in process, as a given principal, through the same interceptors as anybody. */
export interface Clients {
  of<Service extends DescService>(service: Service, as: Principal, signal?: AbortSignal): Client<Service>;
}

/** `dispatcher` and `origin` are asked for at call time: services are built before the dispatcher that holds them listens. */
export function createClients(dispatcher: () => Dispatcher, newRequestId: () => string, origin: () => string): Clients {
  return {
    of(service, as, signal = new AbortController().signal) {
      const call = (): Call => ({
        principal: as,
        requestId: newRequestId(),
        origin: origin(),
        callerIp: "in-process",
        userAgent: "homerun",
        signal,
      });
      const methods = service.methods.map((method) => [method.localName, clientMethod(dispatcher, method, call)]);
      return Object.fromEntries(methods);
    },
  };
}

type Init = Record<string, unknown>;

function clientMethod(dispatcher: () => Dispatcher, method: DescMethod, call: () => Call) {
  const streamsIn = method.methodKind === "client_streaming" || method.methodKind === "bidi_streaming";
  const streamsOut = method.methodKind === "server_streaming" || method.methodKind === "bidi_streaming";
  const start = (request: Init): Promise<Payload> => {
    const payload = streamsIn
      ? messages(method, request as unknown as AsyncIterable<Init>)
      : create(method.input, request);
    return dispatcher().dispatch(method, payload, call());
  };
  return streamsOut ? (request: Init) => flatten(start(request)) : start;
}

async function* messages(method: DescMethod, requests: AsyncIterable<Init>) {
  for await (const request of requests) yield create(method.input, request);
}

async function* flatten(responses: Promise<Payload>) {
  yield* (await responses) as AsyncIterable<unknown>;
}
