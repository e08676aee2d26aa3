import { create } from "@bufbuild/protobuf";
import {
  type VpcAccess,
  VpcAccess_VpcEgress as Egress,
  VpcAccessSchema,
} from "../../../gen/google/cloud/run/v2/vendor_settings_pb.js";
import { type AnnotationRules, invalidAnnotation } from "./annotation-rules.ts";

interface NetworkUser {
  vpcAccess?: VpcAccess;
}

const EGRESS: Readonly<Record<string, Egress>> = {
  "private-ranges-only": Egress.PRIVATE_RANGES_ONLY,
  "all-traffic": Egress.ALL_TRAFFIC,
  // The older name of the same.
  all: Egress.ALL_TRAFFIC,
};

/** Template annotations of v1 about networks, and run.v2.VpcAccess. */
export const VPC_ANNOTATIONS: AnnotationRules<NetworkUser> = {
  "run.googleapis.com/vpc-access-connector": {
    read: (value, template) => void (accessOf(template).connector = value),
    write: ({ vpcAccess }) => vpcAccess?.connector || undefined,
  },
  "run.googleapis.com/vpc-access-egress": {
    read(value, template, key) {
      const egress = EGRESS[value];
      if (egress === undefined) throw invalidAnnotation(key, value, "private-ranges-only or all-traffic");
      accessOf(template).egress = egress;
    },
    write: ({ vpcAccess }) => Object.keys(EGRESS).find((name) => EGRESS[name] === vpcAccess?.egress),
  },
  "run.googleapis.com/network-interfaces": {
    read: (value, template, key) => void Object.assign(accessOf(template), { networkInterfaces: parse(value, key) }),
    write: ({ vpcAccess }) => (vpcAccess?.networkInterfaces.length ? format(vpcAccess) : undefined),
  },
};

function accessOf(template: NetworkUser): VpcAccess {
  return (template.vpcAccess ??= create(VpcAccessSchema));
}

/** [{"network": "default", "subnetwork": "default", "tags": ["a"]}] */
function parse(value: string, key: string): VpcAccess["networkInterfaces"] {
  const parsed = tryParse(value);
  if (!Array.isArray(parsed) || !parsed.every(isInterface)) {
    throw invalidAnnotation(key, value, "a JSON list of objects with network, subnetwork and tags");
  }
  const networkInterfaces = parsed.map(({ network = "", subnetwork = "", tags = [] }) => {
    return { network, subnetwork, tags: typeof tags === "string" ? [tags] : tags };
  });
  return create(VpcAccessSchema, { networkInterfaces }).networkInterfaces;
}

function format({ networkInterfaces }: VpcAccess): string {
  return JSON.stringify(
    networkInterfaces.map(({ network, subnetwork, tags }) => ({
      ...(network !== "" && { network }),
      ...(subnetwork !== "" && { subnetwork }),
      ...(tags.length > 0 && { tags }),
    })),
  );
}

interface Interface {
  network?: string;
  subnetwork?: string;
  tags?: string | string[];
}

function isInterface(value: unknown): value is Interface {
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value).every(([name, inner]) => {
    if (name === "network" || name === "subnetwork") return typeof inner === "string";
    const isList = Array.isArray(inner) && inner.every((tag) => typeof tag === "string");
    return name === "tags" && (typeof inner === "string" || isList);
  });
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
