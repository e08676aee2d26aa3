import { create } from "@bufbuild/protobuf";
import { type Policy, PolicySchema } from "../../gen/google/iam/v1/policy_pb.js";
import type { KnownProject } from "../projects/projects.ts";

/**
 * The policy a project has before anybody sets one: what Google grants its service agents and default service account
 * when their APIs are enabled (cloud.google.com/iam/docs/service-agents).
 */
export function defaultProjectPolicy({ number }: KnownProject, etag: Uint8Array): Policy {
  const agent = (domain: string) => `serviceAccount:service-${number}@${domain}.iam.gserviceaccount.com`;
  const binding = (role: string, ...members: string[]) => ({ role: `roles/${role}`, members });
  return create(PolicySchema, {
    version: 1,
    etag,
    bindings: [
      binding("artifactregistry.serviceAgent", agent("gcp-sa-artifactregistry")),
      binding("cloudbuild.builds.builder", `serviceAccount:${number}@cloudbuild.gserviceaccount.com`),
      binding("cloudbuild.serviceAgent", agent("gcp-sa-cloudbuild")),
      binding("cloudfunctions.serviceAgent", agent("gcf-admin-robot")),
      binding("editor", `serviceAccount:${number}-compute@developer.gserviceaccount.com`),
      binding("eventarc.serviceAgent", agent("gcp-sa-eventarc")),
      binding("pubsub.serviceAgent", agent("gcp-sa-pubsub")),
      binding("run.serviceAgent", agent("serverless-robot-prod")),
    ],
  });
}
