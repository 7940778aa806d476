// Brings a main() of its own.
//
// chapter: 02
// verdict: refused
// says: defines main
int main() { return 0; }
