import { notFound } from "./errors.ts";
import { Locations } from "../gen/google/cloud/location/locations_pb.js";
import { type Rpc, rpc } from "./rpc.ts";

/** The regions of Cloud Run and Cloud Run functions (cloud.google.com/functions/docs/locations, read 2026-11). */
export const LOCATIONS: Readonly<Record<string, string>> = {
  "africa-south1": "Johannesburg",
  "asia-east1": "Taiwan",
  "asia-east2": "Hong Kong",
  "asia-northeast1": "Tokyo",
  "asia-northeast2": "Osaka",
  "asia-northeast3": "Seoul",
  "asia-south1": "Mumbai",
  "asia-south2": "Delhi",
  "asia-southeast1": "Singapore",
  "asia-southeast2": "Jakarta",
  "australia-southeast1": "Sydney",
  "australia-southeast2": "Melbourne",
  "europe-central2": "Warsaw",
  "europe-north1": "Finland",
  "europe-southwest1": "Madrid",
  "europe-west1": "Belgium",
  "europe-west2": "London",
  "europe-west3": "Frankfurt",
  "europe-west4": "Netherlands",
  "europe-west6": "Zurich",
  "europe-west8": "Milan",
  "europe-west9": "Paris",
  "europe-west10": "Berlin",
  "europe-west12": "Turin",
  "me-central1": "Doha",
  "me-central2": "Dammam",
  "me-west1": "Tel Aviv",
  "northamerica-northeast1": "Montreal",
  "northamerica-northeast2": "Toronto",
  "southamerica-east1": "Sao Paulo",
  "southamerica-west1": "Santiago",
  "us-central1": "Iowa",
  "us-east1": "South Carolina",
  "us-east4": "Northern Virginia",
  "us-east5": "Columbus",
  "us-south1": "Dallas",
  "us-west1": "Oregon",
  "us-west2": "Los Angeles",
  "us-west3": "Salt Lake City",
  "us-west4": "Las Vegas",
};

/** Whether a location id is one that homerun answers for. */
export function isLocation(location: string): boolean {
  return location in LOCATIONS;
}

/** google.cloud.location.Locations: the same regions for every service. */
export function locationRpcs(): Rpc[] {
  const policy = { permission: "none", audit: "none" } as const;
  return [
    rpc(Locations.method.listLocations, policy, async ({ name }) => ({
      locations: Object.keys(LOCATIONS).map((locationId) => locationOf(name, locationId)),
    })),
    rpc(Locations.method.getLocation, policy, async ({ name }) => {
      const [project, locationId] = name.split("/locations/") as [string, string];
      if (!isLocation(locationId)) throw notFound(name);
      return locationOf(project, locationId);
    }),
  ];
}

function locationOf(project: string, locationId: string) {
  return {
    name: `${project}/locations/${locationId}`,
    locationId,
    displayName: LOCATIONS[locationId]!,
    labels: { "cloud.googleapis.com/region": locationId },
  };
}
