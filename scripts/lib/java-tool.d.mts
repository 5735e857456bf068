export function provideJavaProgram(
  project: string,
  file: string,
  options: {
    name: string;
    env?: Readonly<Record<string, string | undefined>>;
    onProgress?: (text: string) => void;
  },
): Promise<readonly string[] | undefined>;
