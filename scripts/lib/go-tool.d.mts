export function provideGoProgram(
  tool: 'knative' | 'tablestore-go',
  options?: {
    env?: Readonly<Record<string, string | undefined>>;
    onProgress?: (text: string) => void;
  },
): Promise<string | undefined>;
