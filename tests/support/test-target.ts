import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

/** A request as a target got it. */
export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A local HTTP server that Cloud Scheduler and Cloud Tasks call. */
export interface TestTarget extends AsyncDisposable {
  /** "http://127.0.0.1:PORT" */
  readonly url: string;
  readonly requests: ReceivedRequest[];
  /** What requests from now on are answered, or how they are: a status, with headers if need be. */
  answer: Answer | ((request: ReceivedRequest) => Answer | Promise<Answer>);
}

export type Answer = number | { readonly status: number; readonly headers: Readonly<Record<string, string>> };

/** Listens on a free port and answers 200 until told otherwise. */
export async function startTestTarget(): Promise<TestTarget> {
  const requests: ReceivedRequest[] = [];
  const receive = async (incoming: IncomingMessage, response: ServerResponse) => {
    const { method = "", url: path = "", headers } = incoming;
    const request = { method, path, headers, body: await text(incoming) };
    requests.push(request);
    const answer = typeof target.answer === "function" ? await target.answer(request) : target.answer;
    if (typeof answer === "number") response.writeHead(answer).end();
    else response.writeHead(answer.status, answer.headers).end();
  };
  const server = createServer((incoming, response) => void receive(incoming, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const target: TestTarget = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    answer: 200,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
  return target;
}
