/** Starts and signals the runs of the alerts. Errors: `Unavailable` if Temporal does not answer. */
export interface AlertRuns {
  /**
   * Wakes the sender of a channel at an instant (epoch ms), or at once if the instant is past. Several calls for the
   * same channel and instant wake the sender once.
   */
  wakeSender(channelId: string, at: number, signal: AbortSignal): Promise<void>;
  /** Starts the run of a place and day, unless one is open or has completed. Resolves to false if there was one. */
  startCity(adcode: string, date: string, signal: AbortSignal): Promise<boolean>;
}
