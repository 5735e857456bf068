package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
)

// The domain of a cluster's services, and the namespace of Knative.
const (
	clusterDomain    = "cluster.local"
	knativeNamespace = "knative-eventing"
)

// services maps host names in the cluster to loopback addresses. Set by -service HOST=ADDRESS.
type services map[string]string

func (s services) String() string { return fmt.Sprint(map[string]string(s)) }

func (s services) Set(value string) error {
	host, address, found := strings.Cut(value, "=")
	if !found {
		return fmt.Errorf("-service must be HOST=ADDRESS, but is %q", value)
	}
	s[host] = address
	return nil
}

// stayOnLoopback makes every HTTP client of this process connect to loopback addresses only. The hosts in named have
// their own addresses there, and the hosts of Knative and of its channels have the address self.
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
		} else if isKnativeHost(host) {
			address = self
		} else if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
			return nil, fmt.Errorf("%s is not a loopback address: set it with -service", address)
		}
		return (&net.Dialer{}).DialContext(ctx, network, address)
	}
}

func isKnativeHost(host string) bool {
	return strings.HasSuffix(host, "."+knativeNamespace+".svc."+clusterDomain) ||
		strings.Contains(host, channelSuffix+".") && strings.HasSuffix(host, ".svc."+clusterDomain)
}
