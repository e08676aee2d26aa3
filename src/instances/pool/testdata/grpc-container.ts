// A container's main process for tests: a gRPC server with an echo of every kind, messages are plain bytes.
import { type sendUnaryData, Server, ServerCredentials, status } from "@grpc/grpc-js";
import type { ServerDuplexStream, ServerUnaryCall } from "@grpc/grpc-js";

const { PORT = "8080", HOST = "0.0.0.0" } = process.env;

const bytes = (value: Buffer) => value;
const method = (path: string, isStream: boolean) => ({
  path: `/test.Echo/${path}`,
  requestStream: isStream,
  responseStream: isStream,
  requestSerialize: bytes,
  requestDeserialize: bytes,
  responseSerialize: bytes,
  responseDeserialize: bytes,
});

const server = new Server();
server.addService(
  { unary: method("Unary", false), fail: method("Fail", false), chat: method("Chat", true) },
  {
    unary: ({ request }: ServerUnaryCall<Buffer, Buffer>, answer: sendUnaryData<Buffer>) => answer(null, request),
    fail: (_call: ServerUnaryCall<Buffer, Buffer>, answer: sendUnaryData<Buffer>) =>
      answer({ code: status.FAILED_PRECONDITION, details: "not today" }),
    chat: (call: ServerDuplexStream<Buffer, Buffer>) => {
      call.on("data", (message: Buffer) => call.write(message));
      call.on("end", () => call.end());
    },
  },
);
server.bindAsync(`${HOST}:${PORT}`, ServerCredentials.createInsecure(), () => undefined);
