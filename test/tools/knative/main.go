// Command knative runs Knative's own code for the tests of the gateway.
//
//	knative data-plane [-service HOST=ADDRESS]... MANIFEST...   serves brokers with their triggers on loopback
//	knative retry-table                                         prints the statuses that Knative retries, as JSON
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
		return fmt.Errorf("a command is required: data-plane or retry-table")
	}
	switch command, rest := args[0], args[1:]; command {
	case "data-plane":
		return runDataPlane(rest)
	case "retry-table":
		return printRetryTable(os.Stdout)
	default:
		return fmt.Errorf("unknown command %q: use data-plane or retry-table", command)
	}
}
