module homerun.test/foreign

go 1.22

require github.com/buildpacks/libcnb v1.30.4

require (
	github.com/BurntSushi/toml v1.4.0 // indirect
	github.com/Masterminds/semver/v3 v3.3.0 // indirect
	github.com/onsi/gomega v1.34.2 // indirect
)
