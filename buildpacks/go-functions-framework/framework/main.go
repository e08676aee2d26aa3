// Imports the Functions Framework, so that "go mod vendor" brings it along with all it needs.
package main

import _ "github.com/GoogleCloudPlatform/functions-framework-go/funcframework"

func main() {}
