import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  ListServiceAccountKeysRequest_KeyType as KeyType,
  ServiceAccountKeyAlgorithm,
  ServiceAccountKeyOrigin,
} from "../../gen/google/iam/admin/v1/iam_pb.js";
import type { ServiceAccount, ServiceAccountKey } from "../../wire/credentials/service-accounts/account.ts";
import { etagOf } from "../../wire/etag.ts";

/** Resource name of an account. */
export function accountName({ projectId, email }: ServiceAccount): string {
  return `projects/${projectId}/serviceAccounts/${email}`;
}

/** google.iam.admin.v1.ServiceAccount. */
export function accountMessage(account: ServiceAccount) {
  const { projectId, uniqueId, email, displayName, description, disabled } = account;
  return {
    name: accountName(account),
    projectId,
    uniqueId,
    email,
    displayName,
    description,
    disabled,
    oauth2ClientId: uniqueId,
    etag: Buffer.from(etagOf(uniqueId, account.version)),
  };
}

/** google.iam.admin.v1.ServiceAccountKey, without any key data. */
export function keyMessage(account: ServiceAccount, key: ServiceAccountKey) {
  return {
    name: `${accountName(account)}/keys/${key.id}`,
    keyAlgorithm: ServiceAccountKeyAlgorithm.KEY_ALG_RSA_2048,
    keyOrigin: ServiceAccountKeyOrigin.GOOGLE_PROVIDED,
    keyType: KeyType[key.type],
    disabled: key.disabled,
    validAfterTime: timestampFromMs(key.validAfterTimeMs),
    validBeforeTime: timestampFromMs(key.validBeforeTimeMs),
  };
}
