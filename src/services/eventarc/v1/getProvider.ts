import { Eventarc } from "../../../gen/google/cloud/eventarc/v1/eventarc_pb.js";
import { notFound } from "../../../wire/errors.ts";
import { rpc } from "../../../wire/rpc.ts";
import { checkTriggerLocation } from "../locations.ts";
import { parentOf, parseResourceName } from "../names.ts";
import { PROVIDERS } from "../providers/catalog.ts";
import { providerMessage } from "../providers/messages.ts";

/** Eventarc.GetProvider. */
export const getProvider = () =>
  rpc(Eventarc.method.getProvider, { permission: "eventarc.providers.get", audit: "ADMIN_READ" }, async ({ name }) => {
    const { location, id } = parseResourceName(name, "providers");
    checkTriggerLocation(location);
    const provider = PROVIDERS.find((each) => each.id === id);
    if (!provider) throw notFound(name);
    return providerMessage(parentOf(name), provider);
  });
