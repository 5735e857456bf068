//go:build tools

// Package tools pins the CloudEvents conformance tool, because `go install` cannot build its version.
package tools

import _ "github.com/cloudevents/conformance/cmd/cloudevents"
