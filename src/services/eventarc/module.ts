import { Eventarc } from "../../gen/google/cloud/eventarc/v1/eventarc_pb.js";
import type { ResourceTable } from "../../platform/store/resource-table.ts";
import { notFound } from "../../wire/errors.ts";
import type { IamResource, ServiceModule } from "../../wire/service-module.ts";
import { reconcileChannel } from "./channels/reconcile.ts";
import { CHANNEL_KIND, type Deps, type EventarcDeps, PIPELINE_KIND, TRIGGER_KIND } from "./deps.ts";
import type { Collection } from "./names.ts";
import { createTables, migrations } from "./store.ts";
import { reconcileTrigger } from "./triggers/reconcile.ts";
import { reconcilePipeline } from "./advanced/reconcile.ts";
import { enrollmentRpcs } from "./v1/enrollments.ts";
import { messageBusRpcs } from "./v1/messageBuses.ts";
import { pipelineRpcs } from "./v1/pipelines.ts";
import { createChannel } from "./v1/createChannel.ts";
import { createChannelConnection } from "./v1/createChannelConnection.ts";
import { deleteChannel } from "./v1/deleteChannel.ts";
import { deleteChannelConnection } from "./v1/deleteChannelConnection.ts";
import { getChannel } from "./v1/getChannel.ts";
import { getChannelConnection } from "./v1/getChannelConnection.ts";
import { listChannelConnections } from "./v1/listChannelConnections.ts";
import { listChannels } from "./v1/listChannels.ts";
import { updateChannel } from "./v1/updateChannel.ts";
import { getGoogleChannelConfig, updateGoogleChannelConfig } from "./v1/googleChannelConfig.ts";
import { createTrigger } from "./v1/createTrigger.ts";
import { deleteTrigger } from "./v1/deleteTrigger.ts";
import { getProvider } from "./v1/getProvider.ts";
import { getTrigger } from "./v1/getTrigger.ts";
import { listProviders } from "./v1/listProviders.ts";
import { listTriggers } from "./v1/listTriggers.ts";
import { updateTrigger } from "./v1/updateTrigger.ts";

/** eventarc.googleapis.com: triggers and what they carry events from and to. */
export function eventarc(given: EventarcDeps): ServiceModule {
  const deps: Deps = { ...given, log: given.log.child({ subsystem: "eventarc" }), ...createTables(given.store) };
  return {
    name: "eventarc",
    services: [Eventarc],
    rpcs: [
      createTrigger(deps),
      getTrigger(deps),
      listTriggers(deps),
      updateTrigger(deps),
      deleteTrigger(deps),
      listProviders(),
      getProvider(),
      createChannel(deps),
      getChannel(deps),
      listChannels(deps),
      updateChannel(deps),
      deleteChannel(deps),
      createChannelConnection(deps),
      getChannelConnection(deps),
      listChannelConnections(deps),
      deleteChannelConnection(deps),
      getGoogleChannelConfig(deps),
      updateGoogleChannelConfig(deps),
      ...messageBusRpcs(deps),
      ...enrollmentRpcs(deps),
      ...pipelineRpcs(deps),
    ],
    mixinVersions: ["v1"],
    iamResources: [
      iamResource("triggers", deps.triggers),
      iamResource("channels", deps.channels),
      iamResource("channelConnections", deps.channelConnections),
      iamResource("messageBuses", deps.messageBuses),
      iamResource("enrollments", deps.enrollments),
      iamResource("pipelines", deps.pipelines),
    ],
    migrations,
    reconcilers: {
      [TRIGGER_KIND]: reconcileTrigger(deps),
      [CHANNEL_KIND]: reconcileChannel(deps),
      [PIPELINE_KIND]: reconcilePipeline(deps),
    },
    scans: [
      { kind: TRIGGER_KIND, keys: () => deps.triggers.unfinishedNames() },
      { kind: CHANNEL_KIND, keys: () => deps.channels.unfinishedNames() },
      { kind: PIPELINE_KIND, keys: () => deps.pipelines.unfinishedNames() },
    ],
  };
}

function iamResource(collection: Collection, table: ResourceTable): IamResource {
  return {
    pattern: new RegExp(`^projects/[^/]+/locations/[^/]+/${collection}/[^/]+$`),
    template: `projects/*/locations/*/${collection}/*`,
    async assertExists(resource) {
      if (!(await table.get(resource))) throw notFound(resource);
    },
  };
}
