/**
 * Codes of regions in a.run.app host names, as seen in public URLs of Cloud Run (read 2026-11); regions whose code is
 * not known to us get the first letter of each part of their name and their number.
 */
const REGION_CODES: Readonly<Record<string, string>> = {
  "africa-south1": "bq",
  "asia-east1": "de",
  "asia-east2": "df",
  "asia-northeast1": "an",
  "asia-northeast2": "dt",
  "asia-northeast3": "du",
  "asia-south1": "el",
  "asia-south2": "em",
  "asia-southeast1": "as",
  "asia-southeast2": "et",
  "australia-southeast1": "ts",
  "australia-southeast2": "km",
  "europe-central2": "lm",
  "europe-north1": "lz",
  "europe-southwest1": "no",
  "europe-west1": "ew",
  "europe-west2": "nw",
  "europe-west3": "ey",
  "europe-west4": "ez",
  "europe-west6": "oa",
  "europe-west8": "oc",
  "europe-west9": "od",
  "me-west1": "zf",
  "northamerica-northeast1": "nn",
  "northamerica-northeast2": "pd",
  "southamerica-east1": "rj",
  "southamerica-west1": "tl",
  "us-central1": "uc",
  "us-east1": "ue",
  "us-east4": "uk",
  "us-east5": "ul",
  "us-south1": "vp",
  "us-west1": "uw",
  "us-west2": "wl",
  "us-west3": "wm",
  "us-west4": "wn",
};

/** The short code of a region in a.run.app host names: "uc" for us-central1. */
export function regionCodeOf(location: string): string {
  return REGION_CODES[location] ?? location.replaceAll(/([a-z])[a-z]*-?/g, "$1");
}
