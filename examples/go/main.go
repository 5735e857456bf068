// A worker with a workflow that a route starts, and a workflow that a route signals.
package main

import (
	"fmt"
	"log"
	"os"
	"slices"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
)

// Placed is the input of the route order-placed.
type Placed struct {
	Order int `json:"order"`
	Total int `json:"total"`
}

// Changed is the argument of the signal that the route order-changed sends.
type Changed struct {
	Event struct {
		Source string `json:"source"`
		ID     string `json:"id"`
	} `json:"event"`
	Input struct {
		Status string `json:"status"`
	} `json:"input"`
}

// HandleOrder is started by a route. Its argument is the route's input.
func HandleOrder(_ workflow.Context, placed Placed) (string, error) {
	return fmt.Sprintf("order %d: total %d", placed.Order, placed.Total), nil
}

// TrackOrder is signalled by a route for every change of an order.
func TrackOrder(ctx workflow.Context, _ any) ([]string, error) {
	changes := workflow.GetSignalChannel(ctx, "changed")
	statuses := []string{}
	for !slices.Contains(statuses, "delivered") {
		var change Changed
		changes.Receive(ctx, &change)
		statuses = append(statuses, change.Input.Status)
	}
	return statuses, nil
}

func main() {
	address := os.Getenv("TEMPORAL_ADDRESS")
	if address == "" {
		address = "localhost:7233"
	}
	temporal, err := client.Dial(client.Options{HostPort: address})
	if err != nil {
		log.Fatal(err)
	}
	defer temporal.Close()
	orders := worker.New(temporal, "orders", worker.Options{})
	orders.RegisterWorkflowWithOptions(HandleOrder, workflow.RegisterOptions{Name: "handleOrder"})
	orders.RegisterWorkflowWithOptions(TrackOrder, workflow.RegisterOptions{Name: "trackOrder"})
	if err := orders.Run(worker.InterruptCh()); err != nil {
		log.Fatal(err)
	}
}
