// Includes the reference instead of writing anything.
//
// chapter: 02
// replaces: sigmoid
// verdict: refused
// says: does not compile
#include "../chapters/02_xor_mlp/xor_mlp.cpp"
