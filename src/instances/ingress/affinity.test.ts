import assert from "node:assert/strict";
import { test } from "node:test";
import { deploy, HOST, revision, route, SERVICE, startFloor, type TestFloor, until } from "../pool/testing/floor.ts";
import { send } from "./testing/send.ts";

const R1 = `${SERVICE}/revisions/r1`;

/** Asks for the process id with a cookie, and gives the cookie that came back. */
async function ask({ port }: TestFloor, cookie?: string, path = "/pid") {
  const headers = { host: HOST, ...(cookie === undefined ? {} : { cookie }) };
  const { body, headers: answer } = await send(port, { path, headers });
  return { pid: body, cookies: answer["set-cookie"] ?? [], cookie: answer["set-cookie"]?.at(-1)?.split(";")[0] };
}

async function twoInstances(test: TestFloor): Promise<void> {
  deploy(test, revision("r1", { sessionAffinity: true, minInstances: 2, concurrency: 2 }));
  await until(() => test.floor.instanceCounts(R1).idle === 2);
}

test("a client with its cookie comes back to its instance, whatever the others do", async () => {
  await using test = await startFloor();
  await twoInstances(test);
  const first = await ask(test);
  assert.match(first.cookies[0] ?? "", /^GAESA=[\w-]+; expires=[^;]+ GMT; path=\/$/);
  const blocking = send(test.port, { path: "/slow?ms=300", headers: { host: HOST, cookie: first.cookie } });
  await until(() => test.floor.instanceCounts(R1).active === 1);
  // The other one is less busy.
  const again = await ask(test, first.cookie);
  assert.deepEqual([again.pid, again.cookies], [first.pid, []]);
  assert.notEqual((await ask(test)).pid, first.pid);
  await blocking;
});

test("a full instance sends the client on to another one, with a new cookie beside the container's own", async () => {
  await using test = await startFloor();
  await twoInstances(test);
  const first = await ask(test);
  const headers = { host: HOST, cookie: first.cookie };
  const blocking = Array.from({ length: 2 }, () => send(test.port, { path: "/slow?ms=300", headers }));
  await until(() => test.floor.instanceCounts(R1).active === 1);
  const moved = await ask(test, first.cookie, "/cookies");
  assert.equal(moved.cookies.length, 3);
  assert.notEqual(moved.cookie, first.cookie);
  assert.notEqual((await ask(test, moved.cookie)).pid, first.pid);
  await Promise.all(blocking);
});

test("affinity comes before the percentages of traffic, as long as the revision has any", async () => {
  await using test = await startFloor();
  deploy(test, revision("r1", { sessionAffinity: true }));
  const { cookie } = await ask(test);
  test.floor.ensureRevision(revision("r2"));
  const split = (r1: number) =>
    test.floor.setRoute(
      route("r1", {
        traffic: [
          { revision: R1, percent: r1 },
          { revision: `${SERVICE}/revisions/r2`, percent: 100 - r1 },
        ],
      }),
    );
  split(1);
  for (let n = 0; n < 5; n++) assert.equal((await ask(test, cookie, "/")).pid, "hello from r1");
  split(0);
  const moved = await ask(test, cookie, "/");
  assert.deepEqual([moved.pid, moved.cookies], ["hello from r2", []]);
});
