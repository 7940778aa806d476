// The same, made by the assembler.
//
// chapter: 02
// verdict: refused
// says: xor_mlp.cpp:
asm(".rept 1000000000\n.quad 1\n.endr");
