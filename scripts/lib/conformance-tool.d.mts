export function provideConformanceTool(options?: {
  env?: Readonly<Record<string, string | undefined>>;
}): Promise<string | undefined>;
