import { fromBinary, toBinary, type DescMethod, type DescService, type Message } from "@bufbuild/protobuf";
import {
  type handleUnaryCall,
  type MethodDefinition,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import type { Call } from "../call.ts";
import type { Dispatcher, Payload } from "../dispatch.ts";
import { encodingOf } from "./encoded.ts";
import { widenWindows } from "./flow-control.ts";
import { callOf, type AuthenticateCall, type ServerCall } from "./grpc-call.ts";
import { grpcErrorOf } from "./grpc-error.ts";
import type { GrpcServer } from "./grpc-server.ts";
import { cutLongDeadlines } from "./long-deadlines.ts";

/** Largest message either way, bytes. */
const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;

/** Serves every method of the dispatcher over gRPC, by @grpc/grpc-js with protobuf-es messages. */
export function createGrpcJsServer(dispatcher: Dispatcher, authenticate: AuthenticateCall): GrpcServer {
  const server = new Server({
    "grpc.max_receive_message_length": MAX_MESSAGE_BYTES,
    "grpc.max_send_message_length": MAX_MESSAGE_BYTES,
  });
  for (const service of dispatcher.services) {
    server.addService(definitionOf(service), implementationOf(service, dispatcher, authenticate));
  }
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  cutLongDeadlines(server);
  widenWindows(server);
  return {
    handleConnection: (connection) => injector.injectConnection(connection),
    close() {
      injector.destroy();
      server.forceShutdown();
    },
  };
}

function definitionOf(service: DescService): Record<string, MethodDefinition<Message, Message>> {
  return Object.fromEntries(service.methods.map((method) => [method.localName, methodDefinition(service, method)]));
}

function methodDefinition(service: DescService, method: DescMethod): MethodDefinition<Message, Message> {
  return {
    path: `/${service.typeName}/${method.name}`,
    requestStream: streamsIn(method),
    responseStream: streamsOut(method),
    requestSerialize: (message) => asBuffer(toBinary(method.input, message)),
    requestDeserialize: (bytes) => fromBinary(method.input, bytes),
    responseSerialize: (message) => asBuffer(encodingOf(message) ?? toBinary(method.output, message)),
    responseDeserialize: (bytes) => fromBinary(method.output, bytes),
  };
}

function implementationOf(
  service: DescService,
  dispatcher: Dispatcher,
  authenticate: AuthenticateCall,
): UntypedServiceImplementation {
  const handlers = service.methods.map((method) => {
    const dispatch = async (serverCall: ServerCall, request: Payload) =>
      dispatcher.dispatch(method, request, await callOf(serverCall, authenticate));
    return [method.localName, streamsOut(method) ? streamingHandler(method, dispatch) : unaryHandler(method, dispatch)];
  });
  return Object.fromEntries(handlers);
}

type Dispatch = (serverCall: ServerCall, request: Payload, call?: Call) => Promise<Payload>;

function unaryHandler(method: DescMethod, dispatch: Dispatch): handleUnaryCall<Message, Message> {
  return (serverCall, callback) => {
    const call = serverCall as unknown as ServerUnaryCall<Message, Message> & ServerReadableStream<Message, Message>;
    const request = streamsIn(method) ? (call as AsyncIterable<Message>) : call.request;
    dispatch(call, request).then(
      (answer) => callback(null, answer as Message),
      (thrown: unknown) => callback(grpcErrorOf(thrown)),
    );
  };
}

function streamingHandler(method: DescMethod, dispatch: Dispatch) {
  return (call: ServerWritableStream<Message, Message> & ServerDuplexStream<Message, Message>) => {
    const request = streamsIn(method) ? (call as AsyncIterable<Message>) : call.request;
    sendAll(call, () => dispatch(call, request)).catch((thrown: unknown) => call.emit("error", grpcErrorOf(thrown)));
  };
}

async function sendAll(call: ServerWritableStream<Message, Message>, answers: () => Promise<Payload>): Promise<void> {
  for await (const answer of (await answers()) as AsyncIterable<Message>) {
    if (call.cancelled) return;
    if (!call.write(answer)) await drained(call);
  }
  call.end();
}

/** Resolves when there is room for more, or the client has gone. */
function drained(call: ServerWritableStream<Message, Message>): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      for (const event of ["drain", "cancelled", "close"]) call.off(event, done);
      resolve();
    };
    for (const event of ["drain", "cancelled", "close"]) call.once(event, done);
  });
}

/** The same bytes, not copied. */
function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function streamsIn(method: DescMethod): boolean {
  return method.methodKind === "client_streaming" || method.methodKind === "bidi_streaming";
}

function streamsOut(method: DescMethod): boolean {
  return method.methodKind === "server_streaming" || method.methodKind === "bidi_streaming";
}
