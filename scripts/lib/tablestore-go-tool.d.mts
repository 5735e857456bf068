export function provideTablestoreGoTool(options?: {
  env?: Readonly<Record<string, string | undefined>>;
  onProgress?: (text: string) => void;
}): Promise<string | undefined>;
