// Replies before anybody has asked.
//
// chapter: 02
// verdict: graded
// score: 0
// says: nobody had asked for
#include <unistd.h>

struct Early {
  Early() { good = write(3, "\4\0\0\0abcd", 8) == 8; }
  bool good;
} early;
