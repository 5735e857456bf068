package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/yaml"
	eventingv1 "knative.dev/eventing/pkg/apis/eventing/v1"
	"knative.dev/pkg/apis"
	kyaml "sigs.k8s.io/yaml"
)

type manifests struct {
	brokers  []*eventingv1.Broker
	triggers []*eventingv1.Trigger
}

// readManifests reads the Brokers and Triggers of YAML files, with the defaults and checks of Knative's webhook.
func readManifests(ctx context.Context, files []string) (*manifests, error) {
	found := &manifests{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		documents := yaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(text)))
		for {
			document, err := documents.Read()
			if errors.Is(err, io.EOF) {
				break
			}
			if err == nil {
				err = found.add(ctx, document)
			}
			if err != nil {
				return nil, fmt.Errorf("%s: %w", file, err)
			}
		}
	}
	if len(found.brokers) == 0 {
		return nil, errors.New("the manifests contain no Broker")
	}
	return found, nil
}

func (m *manifests) add(ctx context.Context, document []byte) error {
	var meta metav1.TypeMeta
	if err := kyaml.Unmarshal(document, &meta); err != nil {
		return err
	}
	switch meta.Kind {
	case "Broker":
		broker := &eventingv1.Broker{}
		if err := kyaml.UnmarshalStrict(document, broker); err != nil {
			return err
		}
		broker.Spec.Config = nil // the kind of channel, which this process chooses
		m.brokers = append(m.brokers, broker)
		return nil
	case "Trigger":
		trigger := &eventingv1.Trigger{}
		if err := kyaml.UnmarshalStrict(document, trigger); err != nil {
			return err
		}
		trigger.SetDefaults(ctx)
		if err := trigger.Validate(apis.WithinCreate(ctx)).Filter(apis.ErrorLevel); err != nil {
			return fmt.Errorf("trigger %s: %w", trigger.Name, err)
		}
		if trigger.Spec.Subscriber.URI == nil {
			return fmt.Errorf("trigger %s: spec.subscriber must have a uri, because references are not resolved", trigger.Name)
		}
		trigger.UID = types.UID("uid-of-" + trigger.Name)
		m.triggers = append(m.triggers, trigger)
		return nil
	default:
		return fmt.Errorf("kind must be Broker or Trigger, but is %q", meta.Kind)
	}
}
