// One program that is two buildpacks, their exec.d executable and their application, on the library that Paketo's and
// others' buildpacks are written with. Which of them it is, its name and the buildpack's id say.
package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/buildpacks/libcnb"
)

const (
	tool = "greeting"
	sbom = `{"bomFormat": "CycloneDX", "specVersion": "1.5", "components": [{"type": "library", "name": "greeting"}]}`
)

func main() {
	switch filepath.Base(os.Args[0]) {
	case "detect", "build":
		libcnb.Main(buildpack{}, buildpack{})
	case "announce":
		libcnb.RunExecD(map[string]libcnb.ExecD{"announce": announce{}})
	case "serve":
		serve()
	default:
		fmt.Println(strings.Join(append([]string{"hello"}, os.Args[1:]...), " "))
	}
}

type buildpack struct{}

func isTool(info libcnb.BuildpackInfo) bool { return info.ID == "foreign/tool" }

func (buildpack) Detect(context libcnb.DetectContext) (libcnb.DetectResult, error) {
	if isTool(context.Buildpack.Info) {
		provides := libcnb.BuildPlan{Provides: []libcnb.BuildPlanProvide{{Name: tool}}}
		return libcnb.DetectResult{Pass: true, Plans: []libcnb.BuildPlan{provides, {}}}, nil
	}
	words, err := os.ReadFile(filepath.Join(context.Application.Path, "words.txt"))
	if os.IsNotExist(err) {
		return libcnb.DetectResult{Pass: false}, nil
	}
	metadata := map[string]interface{}{"words": strings.TrimSpace(string(words))}
	requires := libcnb.BuildPlan{Requires: []libcnb.BuildPlanRequire{{Name: tool, Metadata: metadata}}}
	return libcnb.DetectResult{Pass: true, Plans: []libcnb.BuildPlan{requires}}, err
}

func (buildpack) Build(context libcnb.BuildContext) (libcnb.BuildResult, error) {
	result := libcnb.NewBuildResult()
	if isTool(context.Buildpack.Info) {
		result.Layers = []libcnb.LayerContributor{toolLayer{context: context}}
		runs, _ := context.PersistentMetadata["runs"].(int64)
		result.PersistentMetadata["runs"] = runs + 1
		fmt.Printf("run %d with the setting %q\n", runs, context.Platform.Environment["BP_SETTING"])
		return result, os.WriteFile(context.Layers.LaunchSBOMPath(libcnb.CycloneDXJSON), []byte(sbom), 0o644)
	}
	said, err := exec.Command(tool, "from", "build").Output()
	fmt.Printf("the tool says %sand GREETING is %s\n", said, os.Getenv("GREETING"))
	result.Processes = []libcnb.Process{
		{Type: "web", Command: "serve", Arguments: []string{"by", "default"}, Direct: true, Default: true},
		{Type: "shell", Command: "exec serve \"$GREETING\" profile=$PROFILED"},
	}
	result.Labels = []libcnb.Label{{Key: "foreign.words", Value: "kept"}}
	result.Slices = []libcnb.Slice{{Paths: []string{"assets/*"}}}
	return result, err
}

type toolLayer struct{ context libcnb.BuildContext }

func (toolLayer) Name() string { return "tool" }

func (t toolLayer) Contribute(layer libcnb.Layer) (libcnb.Layer, error) {
	wanted := map[string]interface{}{"words": t.context.Plan.Entries[0].Metadata["words"]}
	layer.LayerTypes = libcnb.LayerTypes{Build: true, Cache: true, Launch: true}
	if layer.Metadata["words"] == wanted["words"] {
		fmt.Println("using the cached tool")
		return layer, nil
	}
	fmt.Println("installing the tool")
	layer.Metadata = wanted
	layer.SharedEnvironment.Default("GREETING", wanted["words"])
	layer.LaunchEnvironment.Append("GREETING", " ", "at launch")
	layer.LaunchEnvironment.ProcessAppend("web", "GREETING", " ", "of web")
	layer.Profile.Add("profile.sh", "export PROFILED=yes")
	if err := os.WriteFile(layer.SBOMPath(libcnb.CycloneDXJSON), []byte(sbom), 0o644); err != nil {
		return layer, err
	}
	for _, path := range []string{"bin/" + tool, "bin/serve", "exec.d/announce"} {
		if err := install(filepath.Join(layer.Path, path)); err != nil {
			return layer, err
		}
	}
	return layer, nil
}

// install copies this program.
func install(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	from, err := os.Open("/proc/self/exe")
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o755)
	if err != nil {
		return err
	}
	defer to.Close()
	_, err = io.Copy(to, from)
	return err
}

type announce struct{}

func (announce) Execute() (map[string]string, error) {
	return map[string]string{"ANNOUNCED": "\"exec.d\" saw\t" + os.Getenv("GREETING") + " \\ ü"}, nil
}

func serve() {
	answer := strings.Join([]string{os.Getenv("GREETING"), os.Getenv("ANNOUNCED"), strings.Join(os.Args[1:], ",")}, "|")
	handler := func(writer http.ResponseWriter, _ *http.Request) { fmt.Fprint(writer, answer) }
	if err := http.ListenAndServe(":"+os.Getenv("PORT"), http.HandlerFunc(handler)); err != nil {
		panic(err)
	}
}
