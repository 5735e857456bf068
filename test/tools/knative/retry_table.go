package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"

	"knative.dev/eventing/pkg/kncloudevents"
)

// Knative's own name for an answer that never came.
const noAnswer = kncloudevents.NoResponse

// printRetryTable writes the statuses that Knative delivers again: -1 and those of 100 to 599, as a JSON array.
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
