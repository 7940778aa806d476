// Gives the compiler a file without end.
//
// chapter: 02
// verdict: refused
// says: does not compile
#include "/dev/zero"
