import assert from "node:assert/strict";
import { test } from "node:test";
import { Code } from "../../../gen/google/rpc/code_pb.js";
import { ApiError } from "../../../wire/errors.ts";
import { createAccessSecret } from "./access-secret.ts";

const email = "123-compute@developer.gserviceaccount.com";
const reference = { project: "123", secret: "key", version: "latest" };

/** Reads a secret while Secret Manager answers with an error of this code. */
function read(code: Code) {
  const accessSecretVersion = () => Promise.reject(new ApiError(code, "what Secret Manager says"));
  const clients = { of: () => ({ accessSecretVersion }) } as unknown as Parameters<
    typeof createAccessSecret
  >[0]["clients"];
  return createAccessSecret({ clients })(reference, email);
}

test("a secret that an instance cannot read is told in Cloud Run's words", async () => {
  await assert.rejects(read(Code.NOT_FOUND), {
    message: "Secret projects/123/secrets/key/versions/latest was not found",
  });
  await assert.rejects(read(Code.PERMISSION_DENIED), {
    message:
      "Permission denied on secret: projects/123/secrets/key/versions/latest for Revision service account " +
      "123-compute@developer.gserviceaccount.com. The service account used must be granted the 'Secret Manager Secret " +
      "Accessor' role (roles/secretmanager.secretAccessor) at the secret, project or higher level.",
  });
  await assert.rejects(read(Code.FAILED_PRECONDITION), { message: "what Secret Manager says" });
});
