/** A province's name as AMap says it, from the name the state's list has: `浙江` from `浙江省`, `新疆`, `香港`. */
export function amapProvince(name: string): string {
  return name.replace(/(?:省|市|(?:壮族|回族|维吾尔)?自治区|特别行政区)$/, '');
}
