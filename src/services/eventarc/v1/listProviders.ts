import { ProviderSchema } from "../../../gen/google/cloud/eventarc/v1/discovery_pb.js";
import { Eventarc } from "../../../gen/google/cloud/eventarc/v1/eventarc_pb.js";
import { LOCATIONS } from "../../../wire/locations.ts";
import { rpc } from "../../../wire/rpc.ts";
import { checkTriggerLocation } from "../locations.ts";
import { parseLocationName } from "../names.ts";
import { orderedPage } from "../ordered-page.ts";
import { PROVIDERS } from "../providers/catalog.ts";
import { providerMessage } from "../providers/messages.ts";

/** Eventarc.ListProviders: the same ones everywhere; with "-" those of every region. */
export const listProviders = () =>
  rpc(
    Eventarc.method.listProviders,
    { permission: "eventarc.providers.list", audit: "ADMIN_READ" },
    async (request) => {
      const { project, location } = parseLocationName(request.parent);
      if (location !== "-") checkTriggerLocation(location);
      const locations = location === "-" ? ["global", ...Object.keys(LOCATIONS)] : [location];
      const all = locations.flatMap((each) =>
        PROVIDERS.map((provider) => providerMessage(`projects/${project}/locations/${each}`, provider)),
      );
      const { page, nextPageToken } = orderedPage(ProviderSchema, all, request);
      return { providers: page, nextPageToken };
    },
  );
