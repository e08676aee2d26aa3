import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:http2";
import { test } from "node:test";
import { create, toBinary } from "@bufbuild/protobuf";
import { bootApi } from "../../../tests/support/boot-api.ts";
import { ListLocationsRequestSchema } from "../../gen/google/cloud/location/locations_pb.js";

async function statusOf(url: string, timeout: string): Promise<unknown> {
  const session = connect(url);
  try {
    const request = session.request({
      ":method": "POST",
      ":path": "/google.cloud.location.Locations/ListLocations",
      "content-type": "application/grpc",
      te: "trailers",
      "grpc-timeout": timeout,
    });
    const message = toBinary(ListLocationsRequestSchema, create(ListLocationsRequestSchema, { name: "projects/demo" }));
    const head = Buffer.alloc(5);
    head.writeUInt32BE(message.length, 1);
    const trailers = once(request, "trailers");
    request.resume().end(Buffer.concat([head, message]));
    const [headers] = (await trailers) as [Record<string, unknown>];
    return headers["grpc-status"];
  } finally {
    session.close();
  }
}

test("deadlines may be as far away as the header can say", async () => {
  await using api = await bootApi(() => []);
  for (const timeout of ["99999999H", "4294967S", "2592000S", "10S", "99999999m"])
    assert.equal(await statusOf(api.url, timeout), "0", timeout);
});
