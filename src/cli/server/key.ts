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

/** The role that lets the account do everything in its project, as the machine's owner can. */
const ROLE = "roles/owner";

/** homerun key: makes an owner service account, if need be, and writes a key for gcloud auth activate-service-account. */
export function keyCommand(): Command {
  const command = new Command("key")
    .description("Write a service account key, for gcloud auth activate-service-account --key-file=FILE.")
    .argument("<file>", "where the key goes (mode 0600)")
    .option("--project <id>", "project of the account", "homerun-local")
    .option("--account <id>", "id of the account; made when it does not exist", "developer");
  return withSettings(command, ["dataDir"]).action(async (file: string, options: KeyOptions) => {
    const api = createApiClient(await requireServer(dataDirOf(options)));
    const email = await ensureAccount(api, options);
    await grantOwner(api, options.project, `serviceAccount:${email}`);
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

interface PolicyJson {
  readonly etag?: string;
  readonly bindings?: readonly { readonly role: string; readonly members: readonly string[] }[];
}

async function grantOwner(api: ApiClient, project: string, member: string): Promise<void> {
  const path = `/cloudresourcemanager/v3/projects/${project}`;
  const policy = await api.call<PolicyJson>("POST", `${path}:getIamPolicy`, {});
  const bindings = policy.bindings ?? [];
  if (bindings.some(({ role, members }) => role === ROLE && members.includes(member))) return;
  const granted = { ...policy, bindings: [...bindings, { role: ROLE, members: [member] }] };
  await api.call("POST", `${path}:setIamPolicy`, { policy: granted });
}
