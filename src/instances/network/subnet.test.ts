import assert from "node:assert/strict";
import { test } from "node:test";
import { candidateSubnets, formatAddress, formatSubnet, parseAddress, parseSubnet, subnetsOverlap } from "./subnet.ts";

test("reads and writes addresses and subnets", () => {
  for (const text of ["0.0.0.0", "10.1.2.3", "192.168.255.1", "255.255.255.255"]) {
    assert.equal(formatAddress(parseAddress(text)), text);
  }
  assert.equal(formatSubnet(parseSubnet("10.1.4.0/22")), "10.1.4.0/22");
  assert.equal(formatSubnet(parseSubnet("10.1.4.7")), "10.1.4.7/32");
  for (const text of ["", "10.1.2", "10.1.2.256", "10.1.2.x", "::1"]) assert.throws(() => parseAddress(text));
});

test("knows which subnets overlap", () => {
  const overlap = (one: string, other: string) => subnetsOverlap(parseSubnet(one), parseSubnet(other));
  assert.equal(overlap("10.1.4.0/22", "10.1.7.255"), true);
  assert.equal(overlap("10.0.0.0/8", "10.1.4.0/22"), true);
  assert.equal(overlap("10.1.4.0/22", "10.1.8.0/22"), false);
});

test("offers every subnet once, to every server in an order of its own", () => {
  const [one, other] = ["00000000", "9720163d"].map((key) => [...candidateSubnets(key)].map(formatSubnet));
  assert.equal(new Set(one).size, one!.length);
  assert.deepEqual(one!.toSorted(), other!.toSorted());
  assert.notDeepEqual(one!.slice(0, 10), other!.slice(0, 10));
  assert.ok(
    one!.some((subnet) => !subnet.startsWith("10.")),
    "there is a choice where 10.0.0.0/8 is taken",
  );
});
