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

// consumer is how one worker takes a tunnel's records.
type consumer struct {
	about                                   *about
	name                                    string
	heartbeat, timeout, poll, pause, rejoin time.Duration
	sessions                                atomic.Int64
}

func consumerFlags(flags *flag.FlagSet, what *about) *consumer {
	one := &consumer{about: what}
	flags.StringVar(&one.name, "client-name", "go", "who its lines say they are of")
	milliseconds(flags, &one.heartbeat, "heartbeat-ms", 1_000, "between heartbeats")
	milliseconds(flags, &one.timeout, "timeout-ms", 4_000, "of silence after which it is gone, whole seconds")
	milliseconds(flags, &one.poll, "poll-ms", 200, "between reads of a channel without records, at most")
	milliseconds(flags, &one.pause, "pause-ms", 0, "that it takes over each batch")
	milliseconds(flags, &one.rejoin, "rejoin-ms", 500, "before it connects again, at most")
	return one
}

func milliseconds(flags *flag.FlagSet, value *time.Duration, name string, normal int, usage string) {
	*value = time.Duration(normal) * time.Millisecond
	flags.Func(name, usage, func(text string) (err error) {
		*value, err = time.ParseDuration(text + "ms")
		return err
	})
}

// consume runs until SIGTERM or SIGINT, which hand the channels back, or an error after which the client gives up.
func (one *consumer) consume(client tunnel.TunnelClient) error {
	tunnel.DaemonRandomRetryMs = int(one.rejoin / time.Millisecond)
	daemon := tunnel.NewTunnelDaemon(client, one.about.id, &tunnel.TunnelWorkerConfig{
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
		say(line{"type": "stopping", "client": one.name})
		daemon.Close()
	}()
	go func() {
		// Whoever started it holds the other end, and lets go of it even when it is killed.
		io.Copy(io.Discard, os.Stdin)
		os.Exit(1)
	}()
	say(line{"type": "started", "client": one.name})
	err := daemon.Run()
	say(line{"type": "ended", "client": one.name})
	return err
}

// NewProcessor is called by the client for each channel that it is given.
func (one *consumer) NewProcessor(_, clientId, channel string, checkpointer tunnel.Checkpointer) tunnel.ChannelProcessor {
	session := one.sessions.Add(1)
	say(line{"type": "opened", "client": one.name, "clientId": clientId, "channel": channel, "session": session})
	return &processor{consumer: one, clientId: clientId, channel: channel, session: session, checkpointer: checkpointer}
}

type processor struct {
	consumer          *consumer
	clientId, channel string
	session           int64
	checkpointer      tunnel.Checkpointer
	batches           int
	last              string
}

// Process writes a batch's records and then stores its checkpoint, so that what is told twice is one batch at most.
func (p *processor) Process(records []*tunnel.Record, token, _ string) error {
	if len(records) > 0 {
		p.batches++
	}
	for _, record := range records {
		say(p.recordLine(record))
	}
	if len(records) > 0 {
		time.Sleep(p.consumer.pause)
	}
	if token == p.last {
		return nil
	}
	err := p.checkpointer.Checkpoint(token)
	if err == nil {
		p.last = token
		return nil
	}
	code := codeOf(err)
	p.lifecycle("refused", line{"code": code, "message": err.Error()})
	if code == tunnel.ErrCodeSequenceNotMatch {
		// The client has fetched the right number by now: the next batch's checkpoint covers this one.
		return nil
	}
	return err
}

func (p *processor) Shutdown() {
	p.lifecycle("closed", line{})
}

func (p *processor) lifecycle(what string, more line) {
	more["type"], more["client"], more["clientId"], more["channel"] = what, p.consumer.name, p.clientId, p.channel
	say(more)
}
