import { X509Certificate } from "node:crypto";
import { IAM, ServiceAccountPublicKeyType } from "../../../gen/google/iam/admin/v1/iam_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { IamServiceDeps } from "../deps.ts";
import { findKey } from "../find-account.ts";
import { keyMessage } from "../service-account.ts";

/** google.iam.admin.v1.IAM.GetServiceAccountKey, with the public key when public_key_type asks for it. */
export const getServiceAccountKey = (deps: IamServiceDeps) =>
  rpc(
    IAM.method.getServiceAccountKey,
    { permission: "iam.serviceAccountKeys.get", audit: "ADMIN_READ" },
    async ({ name, publicKeyType }) => {
      const { account, key } = await findKey(deps, name);
      return { ...keyMessage(account, key), publicKeyData: publicKeyData(key.certificate, publicKeyType) };
    },
  );

function publicKeyData(certificate: string, type: ServiceAccountPublicKeyType): Uint8Array {
  if (type === ServiceAccountPublicKeyType.TYPE_X509_PEM_FILE) return Buffer.from(certificate);
  if (type !== ServiceAccountPublicKeyType.TYPE_RAW_PUBLIC_KEY) return new Uint8Array();
  return Buffer.from(new X509Certificate(certificate).publicKey.export({ type: "spki", format: "pem" }));
}
