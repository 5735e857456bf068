/** A CloudEvent that we emit; `data` is JSON. */
export interface EmittedEvent {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject: string;
  readonly time: string;
  readonly data: unknown;
  readonly extensions?: Readonly<Record<string, string>>;
}

/** Where emitted events go. */
export interface EventSink {
  /** Resolves when the event was accepted; throws `Unavailable` when it should be sent again. */
  emit(event: EmittedEvent, signal: AbortSignal): Promise<void>;
}
