export function provideTemporal(options?: {
  env?: Readonly<Record<string, string | undefined>>;
  platform?: string;
  arch?: string;
  downloadBase?: string;
  downloads?: Readonly<Record<string, Readonly<Record<string, { archive: string; sha256: string }>>>>;
  firstByteMs?: number;
  onProgress?: (text: string) => void;
}): Promise<string>;
export function foldersOnPath(path: string): string[];
