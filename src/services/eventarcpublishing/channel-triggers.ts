import { Eventarc } from "../../gen/google/cloud/eventarc/v1/eventarc_pb.js";
import { type Channel, Channel_State as State } from "../../gen/google/cloud/eventarc/v1/channel_pb.js";
import type { Trigger } from "../../gen/google/cloud/eventarc/v1/trigger_pb.js";
import type { Principal } from "../../wire/credentials/principal.ts";
import { failedPrecondition } from "../../wire/errors.ts";
import { projectNumberOf } from "../../wire/projects/project-number.ts";
import type { PublishingDeps } from "./deps.ts";
import { invalidRequest } from "./errors.ts";

const CHANNEL = /^projects\/([^/]+)\/locations\/([^/]+)\/channels\/([^/]+)$/;
/** Id of the channel that stands for Google's own events: those that no service of homerun sends. */
const GOOGLE_CHANNEL = "google";
const PAGE_SIZE = 1000;

/** Where the events of a channel go. */
export interface ChannelTarget {
  readonly project: string;
  /** The channel's own topic; "" for the one of Google's events. */
  readonly topic: string;
  readonly isGoogle: boolean;
  readonly triggers: readonly Trigger[];
}

/** The Eventarc service agent of a project. */
export function agentOf(project: string): Principal {
  const email = `service-${projectNumberOf(project)}@gcp-sa-eventarc.iam.gserviceaccount.com`;
  return { kind: "serviceAgent", email };
}

/** Finds a channel and its triggers; rejects one that is not there or not active. */
export async function findTarget(deps: PublishingDeps, name: string): Promise<ChannelTarget> {
  const [, givenProject, location, id] = CHANNEL.exec(name) ?? [];
  if (givenProject === undefined) throw invalidRequest("channel", `invalid resource name "${name}"`);
  const project = deps.projects.idOf(givenProject);
  const parent = `projects/${project}/locations/${location}`;
  if (id === GOOGLE_CHANNEL)
    return { project, topic: "", isGoogle: true, triggers: await triggersOf(deps, project, parent, "") };
  const eventarc = deps.clients.of(Eventarc, agentOf(project));
  const channel = await eventarc.getChannel({ name: `${parent}/channels/${id}` });
  if (channel.state !== State.ACTIVE) throw failedPrecondition(`The channel ${channel.name} is not active`);
  const triggers = await triggersOf(deps, project, parent, channel.name);
  return { project, topic: topicOf(channel), isGoogle: false, triggers };
}

function topicOf({ transport }: Channel): string {
  return transport.value ?? "";
}

async function triggersOf({ clients }: PublishingDeps, project: string, parent: string, channel: string) {
  const eventarc = clients.of(Eventarc, agentOf(project));
  const all: Trigger[] = [];
  let pageToken = "";
  do {
    const page = await eventarc.listTriggers({ parent, pageSize: PAGE_SIZE, pageToken });
    all.push(...page.triggers.filter((trigger) => trigger.channel === channel));
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
  return all;
}
