const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/i;

/** Returns true if a `Host` header, with or without a port, names the local machine. */
export const isLoopbackHost = (host: string): boolean => LOOPBACK.test(host);
