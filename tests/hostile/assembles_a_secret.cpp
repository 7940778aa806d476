// Lets the assembler read a file into the program.
//
// chapter: 02
// verdict: refused
// says: does not compile
asm(".incbin \"/etc/passwd\"");
