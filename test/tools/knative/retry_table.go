package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"

	"knative.dev/eventing/pkg/kncloudevents"
)

// Knative's status for a request without an answer.
const noAnswer = kncloudevents.NoResponse

// printRetryTable prints a JSON array of those statuses among -1 and 100 to 599 that Knative retries.
func printRetryTable(out io.Writer) error {
	retried := []int{}
	statuses := []int{noAnswer}
	for status := 100; status <= 599; status++ {
		statuses = append(statuses, status)
	}
	for _, status := range statuses {
		again, err := kncloudevents.SelectiveRetry(context.Background(), &http.Response{StatusCode: status}, nil)
		if err != nil {
			return err
		}
		if again {
			retried = append(retried, status)
		}
	}
	return json.NewEncoder(out).Encode(retried)
}
