import { create, fromJsonString, toJsonString } from "@bufbuild/protobuf";
import { FieldMaskSchema, timestampFromMs } from "@bufbuild/protobuf/wkt";
import { Eventarc } from "../../../gen/google/cloud/eventarc/v1/eventarc_pb.js";
import {
  type GoogleChannelConfig,
  GoogleChannelConfigSchema,
} from "../../../gen/google/cloud/eventarc/v1/google_channel_config_pb.js";
import type { ResourceRow } from "../../../platform/store/resource-table.ts";
import { unsupportedField } from "../../../wire/errors.ts";
import { applyFieldMask, populatedFields } from "../../../wire/field-mask.ts";
import { rpc } from "../../../wire/rpc.ts";
import { newRow } from "../channels/stored-channel.ts";
import type { Deps } from "../deps.ts";
import { invalidRequest } from "../errors.ts";
import { checkTriggerLocation } from "../locations.ts";
import { checkLabels } from "../triggers/validate-trigger.ts";

const NAME = /^projects\/[^/]+\/locations\/([^/]+)\/googleChannelConfig$/;

/** Eventarc.GetGoogleChannelConfig: one is in every location, empty at first. */
export const getGoogleChannelConfig = ({ googleChannelConfigs }: Deps) =>
  rpc(
    Eventarc.method.getGoogleChannelConfig,
    { permission: "eventarc.googleChannelConfigs.get", audit: "ADMIN_READ" },
    async ({ name }) => {
      checkName(name);
      return configOf(name, await googleChannelConfigs.get(name));
    },
  );

/** Eventarc.UpdateGoogleChannelConfig: its labels. */
export const updateGoogleChannelConfig = (deps: Deps) =>
  rpc(
    Eventarc.method.updateGoogleChannelConfig,
    { permission: "eventarc.googleChannelConfigs.update", audit: "ADMIN_WRITE" },
    ({ googleChannelConfig: given, updateMask }) => {
      const name = given!.name;
      checkName(name);
      const paths = populatedFields(GoogleChannelConfigSchema, given!).filter((path) => path !== "name");
      const mask = updateMask && updateMask.paths.length > 0 ? updateMask : create(FieldMaskSchema, { paths });
      return deps.store.transact(async (transaction) => {
        const row = await deps.googleChannelConfigs.get(name, transaction);
        const changed = applyFieldMask(GoogleChannelConfigSchema, configOf(name, row), given!, mask);
        if (changed.cryptoKeyName !== "") throw unsupportedField("google_channel_config.crypto_key_name");
        checkLabels(changed.labels, "google_channel_config.labels");
        const message = toJsonString(
          GoogleChannelConfigSchema,
          create(GoogleChannelConfigSchema, { labels: changed.labels }),
        );
        const nowMs = deps.clock.nowMs();
        const next = { ...(row ?? newRow(name, deps.ids.uuid(), nowMs)), message, updateTimeMs: nowMs };
        if (row) await deps.googleChannelConfigs.update(transaction, next);
        else await deps.googleChannelConfigs.insert(transaction, next);
        return configOf(name, next);
      });
    },
  );

function checkName(name: string): void {
  const location = NAME.exec(name)?.[1];
  if (location === undefined) throw invalidRequest("name", `invalid resource name "${name}"`);
  checkTriggerLocation(location);
}

function configOf(name: string, row: ResourceRow | undefined): GoogleChannelConfig {
  const kept = row ? fromJsonString(GoogleChannelConfigSchema, row.message) : create(GoogleChannelConfigSchema);
  return { ...kept, name, ...(row && { updateTime: timestampFromMs(row.updateTimeMs) }) };
}
