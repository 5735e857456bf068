interface MeasuredTest {
  readonly test: string;
  readonly ms: number;
}
export function chooseTests(tests: readonly MeasuredTest[], file: string): MeasuredTest[];
export function loadsBundle(root: string, path: string): Promise<boolean>;
