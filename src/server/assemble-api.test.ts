import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { bootApi } from "../../tests/support/boot-api.ts";
import { cloudresourcemanager } from "../services/cloudresourcemanager/module.ts";
import { logging } from "../services/logging/module.ts";

describe("audit logs", () => {
  test("a call that changes configuration leaves an Admin Activity entry, refused or not", async () => {
    await using api = await bootApi((deps) => [logging(deps), cloudresourcemanager(deps)]);
    const policy = { bindings: [{ role: "roles/viewer", members: ["user:a@example.com"] }] };
    assert.equal((await api.json("POST", "/v3/projects/audited:setIamPolicy", { policy })).status, 200);
    const stale = { policy: { ...policy, etag: "AAAA" } };
    assert.equal((await api.json("POST", "/v3/projects/audited:setIamPolicy", stale)).status, 409);
    assert.equal((await api.json("GET", "/v3/projects/audited")).status, 200);

    const filter = 'logName:"cloudaudit.googleapis.com" protoPayload.resourceName="projects/audited"';
    const list = await api.json("POST", "/v2/entries:list", { resourceNames: ["projects/audited"], filter });
    const entries = list.body["entries"] as { severity: string; protoPayload: Record<string, unknown> }[];
    assert.deepEqual(
      entries.map(({ severity, protoPayload }) => [severity, protoPayload["methodName"], protoPayload["serviceName"]]),
      ["NOTICE", "ERROR"].map((severity) => [
        severity,
        "google.cloud.resourcemanager.v3.Projects.SetIamPolicy",
        "cloudresourcemanager.googleapis.com",
      ]),
    );
    assert.deepEqual(entries[0]!.protoPayload["authenticationInfo"], {
      principalEmail: "owner@localhost",
      principalSubject: "user:owner@localhost",
    });
  });
});
