package main

import (
	"fmt"

	duckeventingv1 "knative.dev/eventing/pkg/apis/duck/v1"
	"knative.dev/eventing/pkg/apis/eventing"
	eventingv1 "knative.dev/eventing/pkg/apis/eventing/v1"
	"knative.dev/eventing/pkg/channel/fanout"
	"knative.dev/eventing/pkg/channel/multichannelfanout"
	"knative.dev/eventing/pkg/reconciler/sugar/trigger/path"
	"knative.dev/pkg/apis"
	duckv1 "knative.dev/pkg/apis/duck/v1"
	"knative.dev/pkg/network"
)

// The suffix that Knative adds to the name of a broker to name its channel.
const channelSuffix = "-kne-trigger-kn-channel"

func serviceURL(host, path string) *apis.URL {
	return &apis.URL{Scheme: "http", Host: host, Path: path}
}

func channelHost(broker *eventingv1.Broker) string {
	return network.GetServiceHostname(broker.Name+channelSuffix, broker.Namespace)
}

func filterHost() string { return network.GetServiceHostname("broker-filter", knativeNamespace) }

func ingressHost() string { return network.GetServiceHostname("broker-ingress", knativeNamespace) }

// reconcile sets the status of brokers and triggers as Knative's controllers do (eventing, pkg/reconciler/broker), and
// returns the channels between them. It uses the host names of a cluster, because the dispatcher extracts the
// subscriber's answer from the filter's answer only if the filter has its usual host name.
func reconcile(found *manifests) ([]multichannelfanout.ChannelConfig, error) {
	var channels []multichannelfanout.ChannelConfig
	for _, broker := range found.brokers {
		address := serviceURL(ingressHost(), fmt.Sprintf("/%s/%s", broker.Namespace, broker.Name))
		broker.Status.Address = &duckv1.Addressable{URL: address}
		broker.Status.Annotations = map[string]string{
			eventing.BrokerChannelAddressStatusAnnotationKey: serviceURL(channelHost(broker), "").String(),
		}
		config := fanout.Config{AsyncHandler: false} // the default of an InMemoryChannel
		for _, trigger := range found.triggers {
			if trigger.Spec.Broker != broker.Name || trigger.Namespace != broker.Namespace {
				continue
			}
			subscription, err := subscribe(trigger, broker)
			if err != nil {
				return nil, err
			}
			config.Subscriptions = append(config.Subscriptions, *subscription)
		}
		channels = append(channels, multichannelfanout.ChannelConfig{
			Namespace: broker.Namespace, Name: broker.Name + channelSuffix,
			HostName: channelHost(broker), FanoutConfig: config,
		})
	}
	return channels, nil
}

// subscribe sets the status of a trigger and returns its subscription to the broker's channel: events go through the
// filter, replies to the broker, and dead letters directly to their sink.
func subscribe(trigger *eventingv1.Trigger, broker *eventingv1.Broker) (*fanout.Subscription, error) {
	delivery := &duckeventingv1.DeliverySpec{}
	if trigger.Spec.Delivery != nil {
		delivery = trigger.Spec.Delivery.DeepCopy()
	} else if broker.Spec.Delivery != nil {
		delivery = broker.Spec.Delivery.DeepCopy()
	}
	if delivery.DeadLetterSink == nil && broker.Spec.Delivery != nil {
		delivery.DeadLetterSink = broker.Spec.Delivery.DeadLetterSink
	}
	trigger.Status.SubscriberURI = trigger.Spec.Subscriber.URI
	if delivery.DeadLetterSink != nil {
		trigger.Status.DeadLetterSinkURI = delivery.DeadLetterSink.URI
	}
	subscription, err := fanout.SubscriberSpecToFanoutConfig(duckeventingv1.SubscriberSpec{
		Name: &trigger.Name, UID: trigger.UID,
		SubscriberURI: serviceURL(filterHost(), path.Generate(trigger)),
		ReplyURI:      broker.Status.Address.URL,
		Delivery:      delivery,
	})
	if err != nil {
		return nil, fmt.Errorf("trigger %s: %w", trigger.Name, err)
	}
	subscription.Namespace = trigger.Namespace
	return subscription, nil
}
