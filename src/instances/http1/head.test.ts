import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRequestHead, parseResponseHead } from "./head.ts";

const request = (...lines: string[]) => parseRequestHead(`${lines.join("\r\n")}\r\n`);
const response = (...lines: string[]) => parseResponseHead(`${lines.join("\r\n")}\r\n`, "GET");

test("a request's head is taken apart, values without blanks around", () => {
  assert.deepEqual(
    request("POST /a?b HTTP/1.1", "Host: x", "X-Y:\t 1 2 \t", "Connection: Close, x-y", "Content-Length: 3"),
    {
      method: "POST",
      target: "/a?b",
      host: "x",
      version: "1.1",
      fields: ["Host", "x", "X-Y", "1 2", "Connection", "Close, x-y", "Content-Length", "3"],
      body: 3,
      connection: ["close", "x-y"],
    },
  );
});

test("what two readers could understand differently is no request", () => {
  const bad: readonly (readonly string[])[] = [
    ["Content-Length: 3", "Content-Length: 4"],
    ["Content-Length: 3", "Content-Length: 3"],
    ["Content-Length: 3, 3"],
    ["Content-Length: +3"],
    ["Content-Length: 0x3"],
    ["Content-Length: 3 3"],
    ["Content-Length:"],
    ["Content-Length: 9999999999999999"],
    ["Content-Length: 3", "Transfer-Encoding: chunked"],
    ["Transfer-Encoding: chunked", "Content-Length: 3"],
    ["Transfer-Encoding: gzip, chunked"],
    ["Transfer-Encoding: chunked, identity"],
    ["Transfer-Encoding: xchunked"],
    ["Transfer-Encoding:\u000bchunked"],
    ["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"],
    ["Transfer-Encoding : chunked"],
    ["Content-Length : 3"],
    ["X: a", " folded"],
    ["X: a", "\tfolded"],
    [" X: a"],
    ["X"],
    [": a"],
    ["X: a\nY: b"],
    ["X: a\rY: b"],
    ["X: a\u0000b"],
    ["X\u00e9: a"],
    ["Host: other"],
  ];
  for (const lines of bad) assert.equal(request("POST / HTTP/1.1", "Host: x", ...lines), 400, JSON.stringify(lines));
  assert.equal(request("GET / HTTP/1.1", "X: y"), 400);
  assert.equal(request("POST / HTTP/1.0", "Transfer-Encoding: chunked"), 400);
});

test("first lines that are none are refused, other versions by 505", () => {
  for (const line of [
    "GET  / HTTP/1.1",
    "GET /",
    "GET / HTTP/1.1 ",
    " GET / HTTP/1.1",
    "G(T / HTTP/1.1",
    "GET /\t HTTP/1.1",
  ]) {
    assert.equal(request(line, "Host: x"), 400, line);
  }
  assert.equal(request("GET / HTTP/2.0", "Host: x"), 505);
  assert.equal(typeof request("GET / HTTP/1.0"), "object");
});

test("a response's body follows from its status, its fields and the request's method", () => {
  assert.equal(response("HTTP/1.1 200 OK")?.body, "until-close");
  assert.equal(response("HTTP/1.1 200", "content-length: 3")?.body, 3);
  assert.equal(response("HTTP/1.1 200 ", "transfer-encoding: Chunked")?.body, "chunked");
  assert.equal(response("HTTP/1.1 204 No Content", "content-length: 3")?.body, 0);
  assert.equal(parseResponseHead("HTTP/1.1 200 OK\r\ncontent-length: 3\r\n", "HEAD")?.body, 0);
  assert.equal(parseResponseHead("HTTP/1.1 200 OK\r\ncontent-length: 3\r\n", "HEAD")?.declaredLength, 3);
});

test("a response that could be split or misread is malformed", () => {
  for (const line of [
    "HTTP/1.1 20 OK",
    "HTTP/1.1 2000 OK",
    "HTTP/2 200",
    "200 OK",
    "HTTP/1.1 099 X",
    "HTTP/1.1  200 OK",
  ]) {
    assert.equal(response(line), undefined, line);
  }
  for (const line of ["a: b\nc: d", "a : b", " a: b", "a: b\rc: d", "content-length: x", "a\u0000: b"]) {
    assert.equal(response("HTTP/1.1 200 OK", line), undefined, line);
  }
  assert.equal(response("HTTP/1.1 200 OK", "content-length: 3", "transfer-encoding: chunked"), undefined);
});
