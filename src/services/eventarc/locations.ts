import { isLocation } from "../../wire/locations.ts";
import { invalidRequest } from "./errors.ts";

/**
 * Where triggers may be besides the regions: everywhere at once, and the multi- and dual-regions of Cloud Storage and Firestore.
 * Google: cloud.google.com/eventarc/docs/locations, read 2026-11.
 */
const WIDE_LOCATIONS = new Set(["global", "us", "eu", "europe", "asia", "nam4", "nam5", "eur3", "eur4", "asia1"]);

/** Rejects a trigger's location that Eventarc does not have. */
export function checkTriggerLocation(location: string): void {
  if (!isLocation(location) && !WIDE_LOCATIONS.has(location))
    throw invalidRequest("parent", `the location ${location} is not supported`);
}

/** Rejects a channel's location that Eventarc does not have: channels are in regions. */
export function checkChannelLocation(location: string): void {
  if (!isLocation(location)) throw invalidRequest("parent", `the location of channel ${location} is not supported`);
}
