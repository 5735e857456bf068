// Tablestore's Go client as a program, so that a test can put it in front of the local Tunnel Service. It writes one
// JSON object a line to standard output.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"sync"

	"github.com/aliyun/aliyun-tablestore-go-sdk/tunnel"
)

type line map[string]any

var output sync.Mutex

// say writes a line whole, whichever channel it comes from.
func say(what line) {
	text, err := json.Marshal(what)
	if err != nil {
		panic(err)
	}
	output.Lock()
	defer output.Unlock()
	fmt.Println(string(text))
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		say(line{"type": "failed", "code": codeOf(err), "message": err.Error()})
		os.Exit(1)
	}
}

func run(arguments []string) error {
	if len(arguments) == 0 {
		return errors.New("usage: tablestore consume|create|list|describe|rpo|schedule|delete --flags")
	}
	flags := flag.NewFlagSet(arguments[0], flag.ContinueOnError)
	endpoint := flags.String("endpoint", "", "of the service, as http://127.0.0.1:9001")
	instance := flags.String("instance", "sluice-local", "its name")
	key := flags.String("key", "local", "access key id")
	secret := flags.String("secret", "local-secret", "access key secret")
	about := metaFlags(flags)
	consumer := consumerFlags(flags, about)
	if err := flags.Parse(arguments[1:]); err != nil {
		return err
	}
	client := tunnel.NewTunnelClient(*endpoint, *instance, *key, *secret)
	if arguments[0] == "consume" {
		return consumer.consume(client)
	}
	return about.ask(client, arguments[0])
}

// codeOf is the service's code of an error, or the empty string.
func codeOf(err error) string {
	var refused *tunnel.TunnelError
	if errors.As(err, &refused) {
		return refused.Code
	}
	return ""
}
