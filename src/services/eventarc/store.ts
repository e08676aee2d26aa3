import { createResourceTable, resourceTableMigration } from "../../platform/store/create-resource-table.ts";
import type { ResourceTable } from "../../platform/store/resource-table.ts";
import type { Migration, Store } from "../../platform/store/store.ts";

const TRIGGERS = "eventarc_triggers";
const CHANNELS = "eventarc_channels";
const CONNECTIONS = "eventarc_channel_connections";
const MESSAGE_BUSES = "eventarc_message_buses";
const ENROLLMENTS = "eventarc_enrollments";
const PIPELINES = "eventarc_pipelines";
const GOOGLE_CHANNEL_CONFIGS = "eventarc_google_channel_configs";

/** What Eventarc keeps, by full names. */
export interface EventarcTables {
  readonly triggers: ResourceTable;
  readonly channels: ResourceTable;
  readonly channelConnections: ResourceTable;
  readonly googleChannelConfigs: ResourceTable;
  readonly messageBuses: ResourceTable;
  readonly enrollments: ResourceTable;
  readonly pipelines: ResourceTable;
}

/** The tables of Eventarc. */
export const migrations: readonly Migration[] = [
  resourceTableMigration("001-triggers", TRIGGERS),
  resourceTableMigration("002-channels", CHANNELS),
  resourceTableMigration("003-channel-connections", CONNECTIONS),
  resourceTableMigration("004-google-channel-configs", GOOGLE_CHANNEL_CONFIGS),
  resourceTableMigration("005-message-buses", MESSAGE_BUSES),
  resourceTableMigration("006-enrollments", ENROLLMENTS),
  resourceTableMigration("007-pipelines", PIPELINES),
];

/** Everything that is read and written about Eventarc's resources. */
export function createTables(store: Store): EventarcTables {
  return {
    triggers: createResourceTable(store, TRIGGERS),
    channels: createResourceTable(store, CHANNELS),
    channelConnections: createResourceTable(store, CONNECTIONS),
    googleChannelConfigs: createResourceTable(store, GOOGLE_CHANNEL_CONFIGS),
    messageBuses: createResourceTable(store, MESSAGE_BUSES),
    enrollments: createResourceTable(store, ENROLLMENTS),
    pipelines: createResourceTable(store, PIPELINES),
  };
}
