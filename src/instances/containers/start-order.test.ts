import assert from "node:assert/strict";
import { test } from "node:test";
import { revision } from "../pool/testing/floor.ts";
import { startOrder } from "./start-order.ts";

const [container] = revision("r1").containers;
const named = (name: string, ...dependsOn: string[]) => ({ ...container, name, dependsOn });
const namesOf = (...containers: ReturnType<typeof named>[]) => startOrder(containers).map(({ name }) => name);

test("each container comes after those it depends on, and in its own order otherwise", () => {
  assert.deepEqual(namesOf(named("a"), named("b")), ["a", "b"]);
  assert.deepEqual(namesOf(named("app", "proxy", "db"), named("db", "init"), named("proxy"), named("init")), [
    "proxy",
    "init",
    "db",
    "app",
  ]);
});

test("a circle and a name that is not there are told", () => {
  assert.throws(() => namesOf(named("x"), named("a", "b"), named("b", "c"), named("c", "a")), {
    name: "StartError",
    message: 'Containers depend on each other in a circle: "a" -> "b" -> "c" -> "a".',
  });
  assert.throws(() => namesOf(named("a", "a")), /circle: "a" -> "a"/);
  assert.throws(() => namesOf(named("a", "b")), /Container "a" depends on container "b", which does not exist\./);
});
