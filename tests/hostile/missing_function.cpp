// Leaves a function out.
//
// chapter: 02
// replaces: mlp_init
// verdict: refused
// says: does not define mlp_init
