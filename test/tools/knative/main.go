// Command knative runs Knative's own code where the gateway's tests can ask it.
//
//	knative data-plane [-service HOST=ADDRESS]... MANIFEST...   a broker with its triggers, on loopback
//	knative retry-table                                         which answers are delivered again, as JSON
package main

import (
	"fmt"
	"log"
	"os"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("knative: ")
	if err := run(os.Args[1:]); err != nil {
		log.Fatal(err)
	}
}

func run(args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("no command; there are data-plane and retry-table")
	}
	switch command, rest := args[0], args[1:]; command {
	case "data-plane":
		return runDataPlane(rest)
	case "retry-table":
		return printRetryTable(os.Stdout)
	default:
		return fmt.Errorf("command %q is unknown; there are data-plane and retry-table", command)
	}
}
