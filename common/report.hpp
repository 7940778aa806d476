// What a chapter prints: a heading, a table a finding, the path of each figure.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "common/figure.hpp"
#include "common/runs.hpp"

namespace gradus {

// A chapter's own number for the table that `./gradus run` ends with, and the notes' number beside
// it: "-" where no note says one.
struct Headline {
  std::string ours, notes;
};

// Runs a chapter's demonstration, which returns its headline. An error that it throws, or output
// that cannot be written, becomes one line on stderr and exit status 2. When the environment names
// a GRADUS_SUMMARY file, a line for the table that `./gradus run` ends with is added to it.
int run_chapter(const std::string& title, const std::function<Headline()>& demonstration);

// The status of a program that ends here: as it is, or 2 and one line on stderr if what was printed
// could not be written to its end.
int ended(int status);

// "\nText\n----\n"
void heading(const std::string& text);

// Cells are aligned by column: the first to the left, the others to the right. A row may be shorter
// than the header, not longer.
class Table {
 public:
  explicit Table(std::vector<std::string> header) { rows_.push_back(std::move(header)); }
  Table& row(std::vector<std::string> cells);
  void print() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

// At most four significant digits: what output that is compared may hold. "nan" and "inf" for
// those.
std::string number(double value);

// So many digits after the point; of a mean and its deviation, "97.3 ±0.4".
std::string fixed(double value, int places = 1);
std::string fixed(const Spread& spread);

// Draws the figure and prints its path, or says once why figures are skipped. A gnuplot that fails
// costs its figure and not the numbers that come after it: what it complained of goes to stderr, no
// other figure is tried, and run_chapter() returns 2 at its end.
void show(Figure& figure);

// A bar with the time left on a terminal; elsewhere a plain line for each note.
class Progress {
 public:
  Progress(std::string label, int total);
  ~Progress();
  void advance(const std::string& note = "");

 private:
  void clear_bar() const;

  std::string label_;
  int total_;
  int done_ = 0;
  bool terminal_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace gradus
