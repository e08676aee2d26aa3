/** Where one run of the lifecycle finds its inputs and leaves its outputs (Platform API 0.15, names of its variables). */
export interface Settings {
  readonly appDir: string;
  readonly layersDir: string;
  readonly platformDir: string;
  readonly buildpacksDir: string;
  readonly buildConfigDir: string;
  readonly orderPath: string;
  /** Buildpacks that surround those of every group, if the file is there. */
  readonly systemPath: string;
  /** What the project asks for: a Selection as JSON; undefined for nothing. */
  readonly selectionPath: string | undefined;
  /** Paths of buildpacks in a Selection are below it. */
  readonly buildpackSourcesDir: string;
  /** Target execution environment (buildpack.md, "Execution Environments"). */
  readonly execEnv: string;
  /** Process type that the image starts by default, in place of what buildpacks say. */
  readonly defaultProcess: string | undefined;
  /** Owner of every file in the exported layers. */
  readonly owner: { readonly uid: number; readonly gid: number };
  /** A read-only folder whose content becomes the application directory, or undefined when that is filled already. */
  readonly sourceDir: string | undefined;
  /** Files laid into the home directory before anything runs, such as the configuration of package managers. */
  readonly homeFilesDir: string | undefined;
  /** What the previous build left: a RestoreRequest as JSON; undefined for a first build. */
  readonly restorePath: string | undefined;
  /** Holds the software bills of materials that RestoreRequest names, by digest. */
  readonly restoreSbomsDir: string;
  /** Buildpacks below it may run as modules of the lifecycle; undefined for none. */
  readonly modulesDir: string | undefined;
  /** Receives the layer archives, the result and the structured error. */
  readonly outputDir: string;
  readonly home: string;
}

type Variables = Readonly<Record<string, string | undefined>>;

/** Reads the settings from the environment; throws when a variable without default is missing. */
export function readSettings(env: Variables): Settings {
  return {
    appDir: env["CNB_APP_DIR"] ?? "/workspace",
    layersDir: env["CNB_LAYERS_DIR"] ?? "/layers",
    platformDir: env["CNB_PLATFORM_DIR"] ?? "/platform",
    buildpacksDir: env["CNB_BUILDPACKS_DIR"] ?? "/cnb/buildpacks",
    buildConfigDir: env["CNB_BUILD_CONFIG_DIR"] ?? "/cnb/build-config",
    orderPath: env["CNB_ORDER_PATH"] ?? "/cnb/order.toml",
    systemPath: env["CNB_SYSTEM_PATH"] ?? "/cnb/system.toml",
    selectionPath: env["HOMERUN_SELECTION_PATH"],
    buildpackSourcesDir: env["HOMERUN_BUILDPACK_SOURCES_DIR"] ?? "/source",
    execEnv: env["CNB_EXEC_ENV"] ?? "production",
    defaultProcess: env["CNB_PROCESS_TYPE"],
    owner: { uid: Number(required(env, "CNB_USER_ID")), gid: Number(required(env, "CNB_GROUP_ID")) },
    sourceDir: env["HOMERUN_SOURCE_DIR"],
    homeFilesDir: env["HOMERUN_HOME_FILES_DIR"],
    restorePath: env["HOMERUN_RESTORE_PATH"],
    restoreSbomsDir: env["HOMERUN_RESTORE_SBOMS_DIR"] ?? "/cnb/build-config/sboms",
    modulesDir: env["HOMERUN_MODULES_DIR"],
    outputDir: required(env, "HOMERUN_OUTPUT_DIR"),
    home: required(env, "HOME"),
  };
}

function required(env: Variables, name: string): string {
  const value = env[name];
  if (!value) throw new Error(`${name} must be set`);
  return value;
}
