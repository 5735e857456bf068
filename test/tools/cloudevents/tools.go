//go:build tools

// Package tools pins the CloudEvents conformance tool, which `go install` of its version cannot build.
package tools

import _ "github.com/cloudevents/conformance/cmd/cloudevents"
