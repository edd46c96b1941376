/** Made by build/embedded-pair.ts: what each folder of `models/` weighs, by its name. */
declare module "virtual:embedded-models" {
  const folders: Readonly<Record<string, { readonly bytes: number; readonly weightBytes: number }>>;
  export default folders;
}
