export type SizeClass = "XS" | "S" | "M" | "L" | "XL";

/** Upper bounds in billions of parameters, exclusive; XL is all above. */
const CLASSES: readonly (readonly [SizeClass, number])[] = [
  ["XS", 7],
  ["S", 20],
  ["M", 70],
  ["L", 150],
];

/** The class that public comparisons of models put a number of parameters in. */
export function sizeClass(parameters: number): SizeClass {
  return CLASSES.find(([, billions]) => parameters < billions * 1e9)?.[0] ?? "XL";
}
