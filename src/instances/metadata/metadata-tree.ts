import type { InstanceIdentity, MetadataClient } from "../serving.ts";

/** A value that is there from the start, or a computation of one from the query. */
export type MetadataLeaf = string | number | readonly string[] | ((query: URLSearchParams) => Promise<MetadataAnswer>);

export interface MetadataFolder {
  readonly [name: string]: MetadataNode;
}

export type MetadataNode = MetadataLeaf | MetadataFolder;

/** What a computed value is: text or JSON, or a refusal. */
export type MetadataAnswer = { readonly text: string } | { readonly json: unknown } | { readonly badRequest: string };

const CLOUD_PLATFORM = "https://www.googleapis.com/auth/cloud-platform";

/**
 * What an instance finds below /computeMetadata/v1. Google: Cloud Run, container runtime contract, "Instance metadata
 * server"; Compute Engine, "Predefined metadata keys".
 */
export function metadataTree(client: MetadataClient, identity: InstanceIdentity): MetadataFolder {
  const { project, location, instanceId, serviceAccountEmail } = client;
  const account = serviceAccount(serviceAccountEmail, identity);
  return {
    instance: {
      id: instanceId,
      region: `projects/${project.number}/regions/${location}`,
      "service-accounts": { default: account, [serviceAccountEmail]: account },
      zone: `projects/${project.number}/zones/${location}-1`,
    },
    project: { "numeric-project-id": Number(project.number), "project-id": project.id },
    universe: { "universe-domain": "googleapis.com" },
  };
}

function serviceAccount(email: string, identity: InstanceIdentity): MetadataFolder {
  return {
    aliases: ["default"],
    email,
    identity: async (query) => {
      const audience = query.get("audience") ?? "";
      if (audience === "") return { badRequest: "non-empty audience parameter required" };
      return { text: await identity.idToken(email, audience) };
    },
    scopes: [CLOUD_PLATFORM],
    token: async (query) => {
      const scopes = (query.get("scopes") ?? "").split(",").filter((scope) => scope !== "");
      const { token, expiresInSeconds } = await identity.accessToken(
        email,
        scopes.length > 0 ? scopes : [CLOUD_PLATFORM],
      );
      return { json: { access_token: token, expires_in: expiresInSeconds, token_type: "Bearer" } };
    },
  };
}

export function isFolder(node: MetadataNode): node is MetadataFolder {
  return typeof node === "object" && !Array.isArray(node);
}

/** The folder as `?recursive=true` shows it: keys in camel case, nothing that is computed. */
export function recursiveJson(node: MetadataNode): unknown {
  if (!isFolder(node)) return node;
  const entries = Object.entries(node).filter(([, child]) => typeof child !== "function");
  return Object.fromEntries(entries.map(([name, child]) => [camelCase(name), recursiveJson(child)]));
}

function camelCase(name: string): string {
  return name.includes("@") ? name : name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}
