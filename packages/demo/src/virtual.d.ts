/** Made by build/embedded-pair.ts: what each folder of `models/` weighs, by its name. */
declare module "virtual:embedded-models" {
  const folders: Readonly<Record<string, { readonly bytes: number; readonly weightBytes: number }>>;
  export default folders;
}

/** Made by build/embedded-pair.ts: the files of the embedded pair, and a version of their content. */
declare module "virtual:embedded-files" {
  export const files: Readonly<Record<string, number>>;
  export const version: string;
}
