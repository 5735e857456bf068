export function providePythonTool(options: {
  name: string;
  requirements: string;
  env?: Readonly<Record<string, string | undefined>>;
  onProgress?: (text: string) => void;
}): Promise<string | undefined>;
