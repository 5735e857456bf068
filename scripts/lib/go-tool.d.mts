export function provideGoProgram(
  tool: 'knative' | 'cloudevents-go' | 'tablestore-go',
  options?: {
    env?: Readonly<Record<string, string | undefined>>;
    onProgress?: (text: string) => void;
  },
): Promise<string | undefined>;
