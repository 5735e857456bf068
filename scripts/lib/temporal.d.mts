export function provideTemporal(options?: {
  env?: Readonly<Record<string, string | undefined>>;
  platform?: string;
  arch?: string;
  downloadBase?: string;
  firstByteMs?: number;
  onProgress?: (text: string) => void;
}): Promise<string>;
