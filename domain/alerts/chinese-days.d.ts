/**
 * The package's file for CommonJS. Node and webpack can both load it. If an import has only the name of the package,
 * webpack takes another file, which it cannot load.
 */
declare module 'chinese-days/dist/index.min.js' {
  const chineseDays: Pick<typeof import('chinese-days'), 'getDayDetail'>;
  // biome-ignore lint/style/noDefaultExport: a file for CommonJS has no other export
  export default chineseDays;
}
