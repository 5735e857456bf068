package main

import (
	"flag"
	"fmt"

	"github.com/aliyun/aliyun-tablestore-go-sdk/tunnel"
	"github.com/aliyun/aliyun-tablestore-go-sdk/tunnel/protocol"
)

// about is what the calls that look at tunnels, or change them, are asked with.
type about struct {
	table, name, kind, id, channel, status string
	start                                  uint64
	earliest                               bool
}

func metaFlags(flags *flag.FlagSet) *about {
	what := new(about)
	flags.StringVar(&what.table, "table", "", "the table's name")
	flags.StringVar(&what.name, "name", "", "the tunnel's name")
	flags.StringVar(&what.kind, "kind", "Stream", "BaseData, Stream or BaseAndStream")
	flags.StringVar(&what.id, "tunnel-id", "", "the tunnel's id")
	flags.StringVar(&what.channel, "channel", "", "the channel's id")
	flags.StringVar(&what.status, "status", "OPEN", "what the channel is to be")
	flags.Uint64Var(&what.start, "start-ns", 0, "from when to give changes")
	flags.BoolVar(&what.earliest, "earliest", false, "from the oldest change")
	return what
}

// ask makes one call and writes its answer.
func (what *about) ask(client tunnel.TunnelClient, call string) error {
	answer, err := what.call(client, call)
	if err != nil {
		return err
	}
	say(line{"type": call, "answer": answer})
	return nil
}

func (what *about) call(client tunnel.TunnelClient, call string) (any, error) {
	switch call {
	case "create":
		request := &tunnel.CreateTunnelRequest{
			TableName: what.table, TunnelName: what.name, Type: tunnel.TunnelType(what.kind),
		}
		if what.start != 0 {
			request.StreamTunnelConfig = &tunnel.StreamTunnelConfig{StartOffset: what.start}
		} else if what.earliest {
			request.StreamTunnelConfig = &tunnel.StreamTunnelConfig{Flag: protocol.StartOffsetFlag_EARLIEST}
		}
		return client.CreateTunnel(request)
	case "list":
		return client.ListTunnel(&tunnel.ListTunnelRequest{TableName: what.table})
	case "describe":
		return client.DescribeTunnel(&tunnel.DescribeTunnelRequest{TableName: what.table, TunnelName: what.name})
	case "rpo":
		return client.GetRpo(&tunnel.GetRpoRequest{TunnelId: what.id})
	case "schedule":
		status, known := protocol.ChannelStatus_value[what.status]
		if !known {
			return nil, fmt.Errorf("status %q is not known", what.status)
		}
		return client.Schedule(&tunnel.ScheduleRequest{
			TunnelId: what.id,
			Channels: []*tunnel.ScheduleChannel{
				{ChannelId: what.channel, ChannelStatus: protocol.ChannelStatus(status)},
			},
		})
	case "delete":
		return client.DeleteTunnel(&tunnel.DeleteTunnelRequest{TableName: what.table, TunnelName: what.name})
	}
	return nil, fmt.Errorf("call %q is not known", call)
}
