import {
  IAM,
  ServiceAccountKeyAlgorithm as Algorithm,
  ServiceAccountPrivateKeyType as KeyFileType,
} from "../../../gen/google/iam/admin/v1/iam_pb.js";
import { unimplemented } from "../../../wire/errors.ts";
import { rpc } from "../../../wire/rpc.ts";
import type { IamServiceDeps } from "../deps.ts";
import { tooManyKeys } from "../errors.ts";
import { findAccount } from "../find-account.ts";
import { keyFile } from "../key-file.ts";
import { MAX_KEYS_PER_SERVICE_ACCOUNT } from "../limits.ts";
import { keyMessage } from "../service-account.ts";

/** google.iam.admin.v1.IAM.CreateServiceAccountKey: an RSA key of 2048 bits, whose private part only the answer holds. */
export const createServiceAccountKey = (deps: IamServiceDeps) =>
  rpc(
    IAM.method.createServiceAccountKey,
    { permission: "iam.serviceAccountKeys.create", audit: "ADMIN_WRITE" },
    async ({ name, privateKeyType, keyAlgorithm }, { origin }) => {
      if (privateKeyType === KeyFileType.TYPE_PKCS12_FILE) throw unimplemented("The private key type TYPE_PKCS12_FILE");
      if (keyAlgorithm === Algorithm.KEY_ALG_RSA_1024) throw unimplemented("The key algorithm KEY_ALG_RSA_1024");
      const { keys } = deps.serviceAccounts;
      const { key, privateKey } = await keys.generate(await findAccount(deps, name));
      const account = await deps.store.transact(async (transaction) => {
        const current = await findAccount(deps, name, transaction);
        const userManaged = (await keys.list(current.email, transaction)).filter(({ type }) => type === "USER_MANAGED");
        if (userManaged.length >= MAX_KEYS_PER_SERVICE_ACCOUNT) throw tooManyKeys();
        await keys.add(transaction, key);
        return current;
      });
      return {
        ...keyMessage(account, key),
        privateKeyType: KeyFileType.TYPE_GOOGLE_CREDENTIALS_FILE,
        privateKeyData: Buffer.from(keyFile({ account, keyId: key.id, privateKey, origin })),
      };
    },
  );
