package main

import (
	"context"
	"encoding/json"
	"flag"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	noopmetric "go.opentelemetry.io/otel/metric/noop"
	nooptrace "go.opentelemetry.io/otel/trace/noop"
	"go.uber.org/zap"
	"k8s.io/apimachinery/pkg/runtime"
	corev1listers "k8s.io/client-go/listers/core/v1"
	"k8s.io/client-go/tools/cache"
	"knative.dev/eventing/pkg/apis/feature"
	"knative.dev/eventing/pkg/broker"
	"knative.dev/eventing/pkg/broker/filter"
	"knative.dev/eventing/pkg/broker/ingress"
	"knative.dev/eventing/pkg/channel"
	"knative.dev/eventing/pkg/channel/multichannelfanout"
	"knative.dev/eventing/pkg/client/clientset/versioned/fake"
	"knative.dev/eventing/pkg/client/informers/externalversions"
	"knative.dev/eventing/pkg/eventingtls"
	"knative.dev/eventing/pkg/kncloudevents"
)

// The maximum number of hops of an event, the default of Knative's ingress.
const maxTTL = 255

// runDataPlane serves the brokers of the manifests on a free port of 127.0.0.1. The Host header selects the ingress,
// the fan-out of the channel, or the filter. It prints {"ingress": "http://127.0.0.1:…"} when it is ready. It ends on
// SIGTERM, and when its standard input ends, so that it does not outlive its parent.
func runDataPlane(args []string) error {
	named := services{}
	flags := flag.NewFlagSet("data-plane", flag.ContinueOnError)
	flags.Var(named, "service", "HOST=ADDRESS, the loopback address of a host name in the cluster; can be repeated")
	if err := flags.Parse(args); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		stop()
	}()
	for name, value := range map[string]string{"SYSTEM_NAMESPACE": knativeNamespace, "CLUSTER_DOMAIN": clusterDomain} {
		if err := os.Setenv(name, value); err != nil {
			return err
		}
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	stayOnLoopback(named, listener.Addr().String())
	defaults, err := feature.NewFlagsConfigFromMap(nil)
	if err != nil {
		return err
	}
	found, err := readManifests(feature.ToContext(ctx, defaults), flags.Args())
	if err != nil {
		return err
	}
	handler, err := newDataPlane(ctx, found, defaults)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	ready := map[string]string{"ingress": "http://" + listener.Addr().String()}
	if err := json.NewEncoder(os.Stdout).Encode(ready); err != nil {
		return err
	}
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
		return server.Close()
	}
}

// newDataPlane connects Knative's handlers as Knative's commands do (eventing, cmd/broker and
// cmd/in_memory/channel_dispatcher), with a fake API server that contains only the manifests.
func newDataPlane(ctx context.Context, found *manifests, flags feature.Flags) (http.Handler, error) {
	channels, err := reconcile(found)
	if err != nil {
		return nil, err
	}
	log, err := zap.NewDevelopment(zap.IncreaseLevel(zap.InfoLevel), zap.AddStacktrace(zap.PanicLevel))
	if err != nil {
		return nil, err
	}
	var objects []runtime.Object
	for _, broker := range found.brokers {
		objects = append(objects, broker)
	}
	for _, trigger := range found.triggers {
		objects = append(objects, trigger)
	}
	informers := externalversions.NewSharedInformerFactory(fake.NewSimpleClientset(objects...), 0)
	eventingInformers := informers.Eventing().V1()
	noTrustBundles := corev1listers.NewConfigMapLister(
		cache.NewIndexer(cache.MetaNamespaceKeyFunc, cache.Indexers{cache.NamespaceIndex: cache.MetaNamespaceIndexFunc}),
	).ConfigMaps(knativeNamespace)
	meters, traces := noopmetric.NewMeterProvider(), nooptrace.NewTracerProvider()
	withFlags := func(ctx context.Context) context.Context { return feature.ToContext(ctx, flags) }

	ingressHandler, err := ingress.NewHandler(log, broker.TTLDefaulter(log, maxTTL), eventingInformers.Brokers(),
		nil, nil, noTrustBundles, withFlags, meters, traces)
	if err != nil {
		return nil, err
	}
	filterHandler, err := filter.NewHandler(log, nil, nil, eventingInformers.Triggers(), eventingInformers.Brokers(),
		informers.Messaging().V1().Subscriptions(), noTrustBundles, withFlags, meters, traces)
	if err != nil {
		return nil, err
	}
	dispatcher := kncloudevents.NewDispatcher(eventingtls.ClientConfig{TrustBundleConfigMapLister: noTrustBundles}, nil,
		kncloudevents.WithMeterProvider(meters), kncloudevents.WithTraceProvider(traces))
	channelHandler, err := multichannelfanout.NewEventHandlerWithConfig(ctx, log,
		multichannelfanout.Config{ChannelConfigs: channels}, dispatcher, meters, traces,
		channel.ReceiverWithContextFunc(withFlags))
	if err != nil {
		return nil, err
	}
	informers.Start(ctx.Done())
	informers.WaitForCacheSync(ctx.Done())

	isChannel := map[string]bool{}
	for _, config := range channels {
		isChannel[config.HostName] = true
	}
	return http.HandlerFunc(func(writer http.ResponseWriter, request *http.Request) {
		switch {
		case request.Host == filterHost():
			filterHandler.ServeHTTP(writer, request)
		case isChannel[request.Host]:
			channelHandler.ServeHTTP(writer, request)
		default:
			ingressHandler.ServeHTTP(writer, request)
		}
	}), nil
}
