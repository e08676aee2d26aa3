import assert from "node:assert/strict";
import { BodyDecoder } from "../../../src/instances/http1/body-decoder.ts";
import { formatFields } from "../../../src/instances/http1/fields.ts";
import { parseRequestHead, parseResponseHead } from "../../../src/instances/http1/head.ts";
import { Code } from "../../../src/gen/google/rpc/code_pb.js";
import { ListServicesRequestSchema } from "../../../src/gen/google/cloud/run/v2/service_pb.js";
import { Services } from "../../../src/gen/google/cloud/run/v2/service_pb.js";
import { CloudBuild } from "../../../src/gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import { parseRange } from "../../../src/services/storage/http/range.ts";
import { ApiError } from "../../../src/wire/errors.ts";
import { httpBindingsOf } from "../../../src/wire/rest/http-rules.ts";
import { bindQuery } from "../../../src/wire/rest/query.ts";
import { createRestRouter } from "../../../src/wire/rest/router.ts";
import { type FuzzTarget, onlyThrows } from "../target.ts";

const FIELD_WORDS = [
  "\r\n",
  "\n",
  "\r",
  " ",
  "\t",
  ":",
  "\0",
  "Content-Length: 5\r\n",
  "Transfer-Encoding: chunked\r\n",
  "Transfer-Encoding: chunked, identity\r\n",
  "Host: a\r\n",
  "Connection: close, X\r\n",
];

/** The text up to the empty line, which the parsers are never called without. */
function wholeHead(input: Buffer): string {
  const text = input.toString("latin1");
  const end = text.indexOf("\r\n\r\n");
  return end === -1 ? `${text}\r\n\r\n` : text.slice(0, end + 4);
}

/** A name or value that another reader would take for the end of its line. */
const BREAKS_OUT = /[\r\n\0]/;

function checkFields(fields: readonly string[]): void {
  assert.ok(!fields.some((text) => BREAKS_OUT.test(text)), "a field breaks out of its line");
  assert.equal(fields.length % 2, 0);
  const names = fields.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase());
  const count = (name: string) => names.filter((each) => each === name).length;
  assert.ok(count("content-length") + count("transfer-encoding") <= 1, "a message has two lengths");
}

/** How a body is decoded when it arrives in pieces of `size` bytes. */
function decoded(input: Buffer, size: number) {
  const decoder = new BodyDecoder("chunked");
  const parts: Buffer[] = [];
  let taken = 0;
  for (let start = 0; start < input.length && !decoder.done && !decoder.bad; start += size) {
    const piece = input.subarray(start, start + size);
    taken += decoder.decode(piece, 0, { data: (chunk) => void parts.push(Buffer.from(chunk)) });
  }
  const content = Buffer.concat(parts).toString("latin1");
  return {
    content,
    done: decoder.done,
    bad: decoder.bad,
    trailers: [...decoder.trailers],
    ...(decoder.done && { taken }),
  };
}

const router = createRestRouter([...httpBindingsOf(Services), ...httpBindingsOf(CloudBuild)]);

/** What comes over the wire in HTTP: heads, chunks, paths, queries, ranges. */
export const httpTargets: readonly FuzzTarget[] = [
  {
    name: "http1-request-head",
    seeds: [
      "GET /a?b HTTP/1.1\r\nHost: h\r\nConnection: close\r\nX-A: b\r\n\r\n",
      "POST * HTTP/1.1\r\nHost: h\r\nContent-Length: 12\r\n\r\n",
      "PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nHost: h\r\n\r\n",
    ],
    words: [...FIELD_WORDS, "HTTP/1.0", "HTTP/2.0", "GET "],
    run(input) {
      const head = parseRequestHead(wholeHead(input));
      if (typeof head === "number") return;
      checkFields(head.fields);
      const text = `${head.method} ${head.target} HTTP/${head.version}\r\n${formatFields(head.fields)}\r\n`;
      assert.deepEqual(parseRequestHead(text), head, "what is passed on is read in another way");
    },
  },
  {
    name: "http1-response-head",
    seeds: ["HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "HTTP/1.0 304\r\nETag: x\r\n\r\n"],
    words: [...FIELD_WORDS, "HTTP/1.1 ", "204", "100"],
    run(input) {
      const head = parseResponseHead(wholeHead(input), "GET");
      if (head) checkFields(head.fields);
    },
  },
  {
    name: "http1-chunks",
    seeds: ["5\r\nhello\r\n0\r\n\r\n", "a;x=y\r\n0123456789\r\n0\r\nTrailer: v\r\n\r\nrest"],
    words: ["\r\n", "\n", "0\r\n", "ffffffffffff\r\n", ";", "-1", "0x5", "A: b\r\n"],
    run(input) {
      const whole = decoded(input, input.length + 1);
      for (const size of [1, 7]) assert.deepEqual(decoded(input, size), whole, `in pieces of ${size} bytes`);
    },
  },
  {
    name: "rest-path",
    seeds: ["/v2/projects/p/locations/l/services/s", "/v2/projects/p/locations/l/services/s:getIamPolicy"],
    words: ["/", "//", "..", "%2F", "%2e", "%", "%00", ":", "*", "-", "\u{1F600}", "services", "projects"],
    run(input) {
      const match = router("GET", input.toString());
      for (const value of match?.values ?? []) assert.equal(typeof value, "string");
    },
  },
  {
    name: "rest-query",
    seeds: ["pageSize=5&pageToken=x&showDeleted=true", "page_size=1&filter=a%20b"],
    words: ["&", "=", "%", "+", ".", "[", "]", "__proto__", "constructor", "parent", "pageSize", "show_deleted"],
    async run(input) {
      const target: Record<string, unknown> = {};
      const query = new URLSearchParams(input.toString());
      await onlyThrows(
        () => bindQuery(ListServicesRequestSchema, target, query),
        (error) => error instanceof ApiError && error.code === Code.INVALID_ARGUMENT,
      );
      assert.equal(({} as Record<string, unknown>)["polluted"], undefined);
      assert.equal(Object.getPrototypeOf(target), Object.prototype);
    },
  },
  {
    name: "range",
    seeds: ["bytes=0-9", "bytes=5-", "bytes=-5"],
    words: ["bytes=", "-", ",", "0", "99999999999999999999", " "],
    async run(input) {
      const found = await onlyThrows(
        () => parseRange(input.toString(), 10),
        (error) => error instanceof Error,
      );
      const range = found?.value as ReturnType<typeof parseRange>;
      if (range) assert.ok(range.start >= 0 && range.start <= range.end && range.end < 10, JSON.stringify(range));
    },
  },
];
