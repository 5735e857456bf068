export function requireNode(version?: string): void;
export function dependencyStamp(root: string, nodeVersion?: string): Promise<string>;
export function provideDependencies(options?: {
  root?: string;
  progress?: (text: string) => void;
  install?: (root: string) => Promise<void>;
}): Promise<boolean>;
