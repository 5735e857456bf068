package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
)

// The domain of a cluster's services, and the namespace that Knative lives in.
const (
	clusterDomain    = "cluster.local"
	knativeNamespace = "knative-eventing"
)

// services are the addresses on loopback of names of the cluster, set by -service HOST=ADDRESS.
type services map[string]string

func (s services) String() string { return fmt.Sprint(map[string]string(s)) }

func (s services) Set(value string) error {
	host, address, found := strings.Cut(value, "=")
	if !found {
		return fmt.Errorf("%q is not HOST=ADDRESS", value)
	}
	s[host] = address
	return nil
}

// stayOnLoopback makes every client of this process find the cluster's names on loopback, those of Knative and its
// channels at self, and reach nothing else.
func stayOnLoopback(named services, self string) {
	transport := http.DefaultTransport.(*http.Transport)
	transport.Proxy = nil
	transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		host, _, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		if service, found := named[host]; found {
			address = service
		} else if isOurs(host) {
			address = self
		} else if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
			return nil, fmt.Errorf("%s is neither on loopback nor given with -service", address)
		}
		return (&net.Dialer{}).DialContext(ctx, network, address)
	}
}

func isOurs(host string) bool {
	return strings.HasSuffix(host, "."+knativeNamespace+".svc."+clusterDomain) ||
		strings.Contains(host, channelSuffix+".") && strings.HasSuffix(host, ".svc."+clusterDomain)
}
