/**
 * The package's file for CommonJS. Node and webpack can both load it. For the name of the package alone, webpack takes
 * another file, and cannot load it.
 */
declare module 'chinese-days/dist/index.min.js' {
  const chineseDays: Pick<typeof import('chinese-days'), 'getDayDetail'>;
  // biome-ignore lint/style/noDefaultExport: a file for CommonJS has no other export
  export default chineseDays;
}
