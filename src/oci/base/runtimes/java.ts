import { hostArchitecture } from "../../manifest.ts";
import type { Artifact } from "../layers/java/artifacts.ts";
import type { LayerRecipe } from "../layers/recipe.ts";
import type { Runtime } from "./runtime.ts";

/** Google: buildpacks, pkg/tooling, tooling_versions.bzl. */
const MAVEN: Artifact = {
  groupId: "org.apache.maven",
  artifactId: "apache-maven",
  version: "3.9.16",
  ending: "-bin.tar.gz",
  sha256: "80ffca22aed9e8b9713a232f3394fd81d7f20322df75efdb2b047dbd3e3a23bb",
};

/** What functions that do not bring the framework get. Google: buildpacks, cmd/java/functions_framework. */
const FRAMEWORKS: readonly Artifact[] = [
  invoker("1.4.1", "18282a13f6d5e90ebcf3565040ea88782251af79ac91ae8403b79f9f6e0d38a7"),
  invoker("2.0.0", "c00b1be2b42e037af2987c224a53c3477fe2061bdb16e0b541ee415747a9630f"),
];

/** What Debian's Java would bring along for its own installation. */
const WITHOUT: readonly string[] = ["ca-certificates-java", "java-common"];
/** What draws text into images. */
const FONTS: readonly string[] = ["fonts-dejavu-core", "libfontconfig1", "libfreetype6", "libharfbuzz0b"];

/** Java runtimes: the versions that Debian's releases have and keep secure. */
export const JAVA: readonly Runtime[] = [
  java("17", "google-22-full", "bookworm"),
  java("21", "google-22-full", "trixie"),
  java("25", "google-24-full", "trixie"),
];

function java(version: string, stack: string, codename: Runtime["codename"]): Runtime {
  return {
    id: `java${version}`,
    stack,
    codename,
    run: [
      debian(`Java ${version}`, version, [`openjdk-${version}-jre-headless`, ...FONTS], ["java", "keytool"]),
      { kind: "java-truststore" },
    ],
    build: [
      debian(`Java ${version} compiler`, version, [`openjdk-${version}-jdk-headless`], ["jar", "javac", "javap"]),
      { kind: "maven", distribution: MAVEN, jars: FRAMEWORKS },
    ],
  };
}

function debian(title: string, version: string, packages: readonly string[], programs: readonly string[]): LayerRecipe {
  const home = `../lib/jvm/java-${version}-openjdk-${hostArchitecture()}`;
  const links = Object.fromEntries(programs.map((name) => [`usr/bin/${name}`, `${home}/bin/${name}`]));
  return { kind: "debian", title, packages, without: WITHOUT, links };
}

function invoker(version: string, sha256: string): Artifact {
  const coordinates = { groupId: "com.google.cloud.functions.invoker", artifactId: "java-function-invoker" };
  return { ...coordinates, version, ending: ".jar", sha256 };
}
