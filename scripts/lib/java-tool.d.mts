export function provideJavaProgram(
  name: string,
  file: string,
  options?: {
    env?: Readonly<Record<string, string | undefined>>;
    onProgress?: (text: string) => void;
  },
): Promise<readonly string[] | undefined>;
