/** A CloudEvent that Sluice emits; `data` is JSON. */
export interface EmittedEvent {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject: string;
  readonly time: string;
  readonly data: unknown;
  readonly extensions?: Readonly<Record<string, string>>;
}

/** The destination of emitted events. */
export interface EventSink {
  /** False if events are only logged, because no sink is configured. */
  readonly delivers: boolean;
  /** Resolves when the sink has accepted the event. Throws `Unavailable` if sending the event again may succeed. */
  emit(event: EmittedEvent, signal: AbortSignal): Promise<void>;
}
