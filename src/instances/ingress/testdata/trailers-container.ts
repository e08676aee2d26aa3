// A container's main process for tests: answers with the trailers of the request, over HTTP/1.1 or HTTP/2 by H2C.
import { createServer } from "node:http";
import { createServer as createHttp2Server } from "node:http2";

const { PORT = "8080", HOST = "0.0.0.0", H2C } = process.env;

const server =
  H2C === undefined
    ? createServer((request, response) => {
        request.resume().once("end", () => {
          response.setHeader("trailer", "x-answer");
          response.write(JSON.stringify(request.trailers));
          response.addTrailers({ "x-answer": "yes" });
          response.end();
        });
      })
    : createHttp2Server((request, response) => {
        request.resume();
        request.once("end", () => {
          response.write(JSON.stringify(request.trailers));
          response.addTrailers({ "x-answer": "yes" });
          response.end();
        });
      });
server.listen(Number(PORT), HOST);
