// Lets the compiler read a file and shows it in its messages.
//
// chapter: 02
// verdict: refused
// says: does not compile
#include "/etc/passwd"
