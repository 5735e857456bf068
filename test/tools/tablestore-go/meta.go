package main

import (
	"flag"
	"fmt"

	"github.com/aliyun/aliyun-tablestore-go-sdk/tunnel"
	"github.com/aliyun/aliyun-tablestore-go-sdk/tunnel/protocol"
)

// metaCall holds the arguments of the calls that read or change tunnels.
type metaCall struct {
	table, name, kind, id, channel, status string
	start                                  uint64
	earliest                               bool
}

func metaFlags(flags *flag.FlagSet) *metaCall {
	meta := new(metaCall)
	flags.StringVar(&meta.table, "table", "", "name of the table")
	flags.StringVar(&meta.name, "name", "", "name of the tunnel")
	flags.StringVar(&meta.kind, "kind", "Stream", "BaseData, Stream or BaseAndStream")
	flags.StringVar(&meta.id, "tunnel-id", "", "id of the tunnel")
	flags.StringVar(&meta.channel, "channel", "", "id of the channel")
	flags.StringVar(&meta.status, "status", "OPEN", "requested status of the channel")
	flags.Uint64Var(&meta.start, "start-ns", 0, "time of the first change, in epoch ns")
	flags.BoolVar(&meta.earliest, "earliest", false, "start with the oldest change")
	return meta
}

// run makes one call and prints its answer.
func (meta *metaCall) run(client tunnel.TunnelClient, call string) error {
	answer, err := meta.call(client, call)
	if err != nil {
		return err
	}
	printLine(line{"type": call, "answer": answer})
	return nil
}

func (meta *metaCall) call(client tunnel.TunnelClient, call string) (any, error) {
	switch call {
	case "create":
		request := &tunnel.CreateTunnelRequest{
			TableName: meta.table, TunnelName: meta.name, Type: tunnel.TunnelType(meta.kind),
		}
		if meta.start != 0 {
			request.StreamTunnelConfig = &tunnel.StreamTunnelConfig{StartOffset: meta.start}
		} else if meta.earliest {
			request.StreamTunnelConfig = &tunnel.StreamTunnelConfig{Flag: protocol.StartOffsetFlag_EARLIEST}
		}
		return client.CreateTunnel(request)
	case "list":
		return client.ListTunnel(&tunnel.ListTunnelRequest{TableName: meta.table})
	case "describe":
		return client.DescribeTunnel(&tunnel.DescribeTunnelRequest{TableName: meta.table, TunnelName: meta.name})
	case "rpo":
		return client.GetRpo(&tunnel.GetRpoRequest{TunnelId: meta.id})
	case "schedule":
		status, known := protocol.ChannelStatus_value[meta.status]
		if !known {
			return nil, fmt.Errorf("unknown status %q", meta.status)
		}
		return client.Schedule(&tunnel.ScheduleRequest{
			TunnelId: meta.id,
			Channels: []*tunnel.ScheduleChannel{
				{ChannelId: meta.channel, ChannelStatus: protocol.ChannelStatus(status)},
			},
		})
	case "delete":
		return client.DeleteTunnel(&tunnel.DeleteTunnelRequest{TableName: meta.table, TunnelName: meta.name})
	}
	return nil, fmt.Errorf("unknown call %q", call)
}
