// Sends events with CloudEvents' SDK for Go: JSON lines like {"attributes": {…}, "contentType": "…", "data": "base64"}
// on standard input, in the mode that the second argument names, to the URL that the first argument names.
package main

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"

	cloudevents "github.com/cloudevents/sdk-go/v2"
	"github.com/cloudevents/sdk-go/v2/binding"
	cehttp "github.com/cloudevents/sdk-go/v2/protocol/http"
)

type line struct {
	Attributes  map[string]string `json:"attributes"`
	ContentType string            `json:"contentType"`
	Data        *string           `json:"data"`
}

func (l line) event() (cloudevents.Event, error) {
	event := cloudevents.NewEvent()
	for name, value := range l.Attributes {
		switch name {
		case "id":
			event.SetID(value)
		case "source":
			event.SetSource(value)
		case "type":
			event.SetType(value)
		case "subject":
			event.SetSubject(value)
		default:
			event.SetExtension(name, value)
		}
	}
	if l.Data == nil {
		return event, nil
	}
	data, err := base64.StdEncoding.DecodeString(*l.Data)
	if err != nil {
		return event, err
	}
	if l.ContentType == "application/json" {
		return event, event.SetData(l.ContentType, json.RawMessage(data))
	}
	return event, event.SetData(l.ContentType, data)
}

func main() {
	target, mode := os.Args[1], os.Args[2]
	var events []cloudevents.Event
	input := bufio.NewScanner(os.Stdin)
	for input.Scan() {
		var one line
		if err := json.Unmarshal(input.Bytes(), &one); err != nil {
			log.Fatal(err)
		}
		event, err := one.event()
		if err != nil {
			log.Fatal(err)
		}
		events = append(events, event)
	}
	if mode == "batch" {
		request, err := cehttp.NewHTTPRequestFromEvents(context.Background(), target, events)
		if err != nil {
			log.Fatal(err)
		}
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(answer.StatusCode)
		return
	}
	client, err := cloudevents.NewClientHTTP(cloudevents.WithTarget(target))
	if err != nil {
		log.Fatal(err)
	}
	ctx := binding.WithForceBinary(context.Background())
	if mode == "structured" {
		ctx = binding.WithForceStructured(context.Background())
	}
	for _, event := range events {
		result := client.Send(ctx, event)
		var status *cehttp.Result
		if !cloudevents.ResultAs(result, &status) {
			log.Fatal(result)
		}
		fmt.Println(status.StatusCode)
	}
}
