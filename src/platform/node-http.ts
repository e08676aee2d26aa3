import type * as Http from "node:http";

// An import of node:http reads all it exports, and with WebSocket loads an HTTP client within Node.js that nothing here
// uses: 40 ms of every start, and its memory for good.
const http: typeof Http = process.getBuiltinModule("node:http");

/** What is used of node:http; its types are imported from there. */
export const { Agent, createServer, request, STATUS_CODES, validateHeaderName, validateHeaderValue } = http;
