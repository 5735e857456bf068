const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/i;

/** Whether a `Host` header, with or without its port, names this very machine. */
export const isLoopbackHost = (host: string): boolean => LOOPBACK.test(host);
