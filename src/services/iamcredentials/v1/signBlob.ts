import { sign } from "node:crypto";
import { IAMCredentials } from "../../../gen/google/iam/credentials/v1/iamcredentials_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { IamCredentialsDeps } from "../deps.ts";
import { findSigner } from "../find-signer.ts";

/** google.iam.credentials.v1.IAMCredentials.SignBlob: RSA PKCS #1 v1.5 with SHA-256, by the account's system-managed key. */
export const signBlob = (deps: IamCredentialsDeps) =>
  rpc(
    IAMCredentials.method.signBlob,
    { permission: "iam.serviceAccounts.signBlob", audit: "DATA_READ" },
    async (request) => {
      const key = await deps.serviceAccounts.keys.systemKeyOf(await findSigner(deps, request));
      return { keyId: key.id, signedBlob: sign("sha256", request.payload, key.privateKey) };
    },
  );
