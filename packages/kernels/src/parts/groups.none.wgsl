// No groups: weights of a plain form. The binding is there all the same (on the weights), so that an op numbers its
// own bindings from 2 whatever the form.
@group(0) @binding(1) var<storage, read> groups: array<u32>;
