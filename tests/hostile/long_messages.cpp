// Compiler messages without end, on a line of another file.
//
// chapter: 02
// verdict: refused
// says: xor_mlp.cpp:
#line 1 "/home/somebody/else.cpp"
template <int N>
void fail() {
  fail<N + 1>();
  nonsense;
}
template void fail<0>();
