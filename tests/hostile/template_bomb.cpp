// Keeps the compiler busy for ever.
//
// chapter: 02
// verdict: refused
// says: ran out of its time or memory
template <int N, int M>
struct Bomb {
  static const int value = Bomb<N - 1, M>::value + Bomb<N - 1, M + (1 << N)>::value;
};
template <int M>
struct Bomb<0, M> {
  static const int value = 1;
};
int bomb = Bomb<24, 0>::value;
