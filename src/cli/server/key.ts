import { writeFile } from "node:fs/promises";
import { Command } from "commander";
import type { RawSettings } from "../../platform/config/env.ts";
import { type ApiClient, createApiClient } from "../client/api-client.ts";
import { dataDirOf, withSettings } from "./options.ts";
import { requireServer } from "./running-server.ts";

interface KeyOptions extends RawSettings {
  readonly project: string;
  readonly account: string;
}

/** homerun key: makes a service account, if need be, and writes a key for gcloud auth activate-service-account. */
export function keyCommand(): Command {
  const command = new Command("key")
    .description("Write a service account key, for gcloud auth activate-service-account --key-file=FILE.")
    .argument("<file>", "where the key goes (mode 0600)")
    .option("--project <id>", "project of the account", "homerun-local")
    .option("--account <id>", "id of the account; made when it does not exist", "developer");
  return withSettings(command, ["dataDir"]).action(async (file: string, options: KeyOptions) => {
    const api = createApiClient(await requireServer(dataDirOf(options)));
    const email = await ensureAccount(api, options);
    const key = await api.call<{ privateKeyData: string }>("POST", `/iam/v1/projects/-/serviceAccounts/${email}/keys`, {
      privateKeyType: "TYPE_GOOGLE_CREDENTIALS_FILE",
    });
    await writeFile(file, Buffer.from(key.privateKeyData, "base64"), { mode: 0o600 });
    console.log(`wrote a key of ${email} to ${file}`);
  });
}

async function ensureAccount(api: ApiClient, { project, account }: KeyOptions): Promise<string> {
  const email = `${account}@${project}.iam.gserviceaccount.com`;
  const found = await api.find(`/iam/v1/projects/${project}/serviceAccounts/${email}`);
  if (!found) await api.call("POST", `/iam/v1/projects/${project}/serviceAccounts`, { accountId: account });
  return email;
}
