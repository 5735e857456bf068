package main

import (
	"flag"
	"io"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/aliyun/aliyun-tablestore-go-sdk/tunnel"
	"go.uber.org/zap/zapcore"
)

// consumer holds the settings of one worker that consumes a tunnel.
type consumer struct {
	meta                                    *metaCall
	name                                    string
	heartbeat, timeout, poll, pause, rejoin time.Duration
	sessions                                atomic.Int64
}

func consumerFlags(flags *flag.FlagSet, meta *metaCall) *consumer {
	one := &consumer{meta: meta}
	flags.StringVar(&one.name, "client-name", "go", "the value of client in its lines")
	milliseconds(flags, &one.heartbeat, "heartbeat-ms", 1_000, "interval between heartbeats")
	milliseconds(flags, &one.timeout, "timeout-ms", 4_000, "client timeout, must be whole seconds")
	milliseconds(flags, &one.poll, "poll-ms", 200, "maximum delay between reads of a channel without records")
	milliseconds(flags, &one.pause, "pause-ms", 0, "processing time of each batch")
	milliseconds(flags, &one.rejoin, "rejoin-ms", 500, "maximum delay before it connects again")
	return one
}

func milliseconds(flags *flag.FlagSet, value *time.Duration, name string, byDefault int, usage string) {
	*value = time.Duration(byDefault) * time.Millisecond
	flags.Func(name, usage, func(text string) (err error) {
		*value, err = time.ParseDuration(text + "ms")
		return err
	})
}

// consume runs until SIGTERM or SIGINT, which release the channels, or until a permanent error of the client.
func (one *consumer) consume(client tunnel.TunnelClient) error {
	tunnel.DaemonRandomRetryMs = int(one.rejoin / time.Millisecond)
	daemon := tunnel.NewTunnelDaemon(client, one.meta.id, &tunnel.TunnelWorkerConfig{
		HeartbeatInterval: one.heartbeat,
		HeartbeatTimeout:  one.timeout,
		ProcessorFactory:  one,
		BackoffConfig:     &tunnel.ChannelBackoffConfig{MaxDelay: one.poll},
		LogWriteSyncer:    zapcore.AddSync(io.Discard),
	})
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, os.Interrupt)
	go func() {
		<-stop
		printLine(line{"type": "stopping", "client": one.name})
		daemon.Close()
	}()
	go func() {
		// The parent process holds the other end of standard input, which closes even if the parent is killed.
		io.Copy(io.Discard, os.Stdin)
		os.Exit(1)
	}()
	printLine(line{"type": "started", "client": one.name})
	err := daemon.Run()
	printLine(line{"type": "ended", "client": one.name})
	return err
}

// NewProcessor is called for each channel that the client gets.
func (one *consumer) NewProcessor(_, clientId, channel string, checkpointer tunnel.Checkpointer) tunnel.ChannelProcessor {
	session := one.sessions.Add(1)
	printLine(line{"type": "opened", "client": one.name, "clientId": clientId, "channel": channel, "session": session})
	return &processor{consumer: one, clientId: clientId, channel: channel, session: session, checkpointer: checkpointer}
}

type processor struct {
	consumer          *consumer
	clientId, channel string
	session           int64
	checkpointer      tunnel.Checkpointer
	batches           int
	lastToken         string
}

// Process prints the records of a batch and then stores its checkpoint, so that at most one batch is repeated.
func (p *processor) Process(records []*tunnel.Record, token, _ string) error {
	if len(records) > 0 {
		p.batches++
	}
	for _, record := range records {
		printLine(p.recordLine(record))
	}
	if len(records) > 0 {
		time.Sleep(p.consumer.pause)
	}
	if token == p.lastToken {
		return nil
	}
	err := p.checkpointer.Checkpoint(token)
	if err == nil {
		p.lastToken = token
		return nil
	}
	code := codeOf(err)
	p.printLifecycle("refused", line{"code": code, "message": err.Error()})
	if code == tunnel.ErrCodeSequenceNotMatch {
		// The client has already fetched the current sequence number. The next checkpoint includes this batch.
		return nil
	}
	return err
}

func (p *processor) Shutdown() {
	p.printLifecycle("closed", line{})
}

func (p *processor) printLifecycle(event string, more line) {
	more["type"], more["client"], more["clientId"], more["channel"] = event, p.consumer.name, p.clientId, p.channel
	printLine(more)
}
