/** Into how many experts a trial cuts each MLP. */
export const EXPERTS = 8;
