// Command tablestore-go runs Tablestore's Go client against the local Tunnel Service. It prints one JSON object per
// line to standard output.
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

// printLine prints a complete line. It is safe for concurrent use.
func printLine(content line) {
	text, err := json.Marshal(content)
	if err != nil {
		panic(err)
	}
	output.Lock()
	defer output.Unlock()
	fmt.Println(string(text))
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		printLine(line{"type": "failed", "code": codeOf(err), "message": err.Error()})
		os.Exit(1)
	}
}

func run(arguments []string) error {
	if len(arguments) == 0 {
		return errors.New("usage: tablestore-go consume|create|list|describe|rpo|schedule|delete --flags")
	}
	flags := flag.NewFlagSet(arguments[0], flag.ContinueOnError)
	endpoint := flags.String("endpoint", "", "address of the service, such as http://127.0.0.1:9001")
	instance := flags.String("instance", "sluice-local", "name of the instance")
	key := flags.String("key", "local", "access key id")
	secret := flags.String("secret", "local-secret", "access key secret")
	meta := metaFlags(flags)
	consumer := consumerFlags(flags, meta)
	if err := flags.Parse(arguments[1:]); err != nil {
		return err
	}
	client := tunnel.NewTunnelClient(*endpoint, *instance, *key, *secret)
	if arguments[0] == "consume" {
		return consumer.consume(client)
	}
	return meta.run(client, arguments[0])
}

// codeOf returns the service's code of an error, or the empty string.
func codeOf(err error) string {
	var serviceError *tunnel.TunnelError
	if errors.As(err, &serviceError) {
		return serviceError.Code
	}
	return ""
}
