// Inside the tests of a student's file: where an exception was thrown and where a signal struck.
#pragma once

#include <string>

namespace gradus {

// The file of the records, written at once and to the end of the file. One at a time: from now on a
// signal that ends the program leaves "signal 11 ADDRESS..." in it.
class Records {
 public:
  explicit Records(const std::string& file);

  void write(const std::string& text) const;
  void trace_of_exception() const;  // "threw ADDRESS..." of the last exception

 private:
  int file_;
};

}  // namespace gradus
