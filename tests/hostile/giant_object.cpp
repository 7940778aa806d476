// An object file of a gigabyte.
//
// chapter: 02
// verdict: refused
// says: xor_mlp.cpp:
char giant[1u << 30] = {1};
