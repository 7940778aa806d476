#include "common/report.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <stdexcept>

namespace gradus {
namespace {

int figures_drawn = 0;
bool figure_failed = false;

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// Columns on the terminal: UTF-8 continuation bytes take none.
std::size_t width(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

void write_summary(const std::string& title, const Headline& headline, double seconds) {
  const char* path = std::getenv("GRADUS_SUMMARY");
  if (path == nullptr) return;
  std::FILE* file = std::fopen(path, "a");
  if (file == nullptr) throw std::runtime_error(fmt::format("cannot write the summary {}", path));
  const int written = std::fputs(fmt::format("{}\t{}\t{}\t{:.1f}\t{}\n", title, headline.ours,
                                             headline.notes, seconds, figures_drawn)
                                     .c_str(),
                                 file);
  if (std::fclose(file) != 0 || written < 0)
    throw std::runtime_error(fmt::format("cannot write the summary {}", path));
}

// What a full disk swallows must not look like a success.
void flush_output() {
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0)
    throw std::runtime_error(fmt::format("cannot write the output: {}", std::strerror(errno)));
}

}  // namespace

int run_chapter(const std::string& title, const std::function<Headline()>& demonstration) {
  const auto start = std::chrono::steady_clock::now();
  try {
    fmt::print("{}\n{:=<{}}\n", title, "", width(title));
#ifndef _OPENMP
    fmt::print("(built without OpenMP: everything runs on one thread)\n");
#endif
    const Headline headline = demonstration();
    flush_output();
    write_summary(title, headline, seconds_since(start));
    return figure_failed ? 2 : 0;
  } catch (const std::exception& error) {
    std::fflush(stdout);
    fmt::print(stderr, "gradus: {}\n", error.what());
    return 2;
  }
}

int ended(int status) {
  try {
    flush_output();
    return status;
  } catch (const std::exception& error) {
    fmt::print(stderr, "gradus: {}\n", error.what());
    return 2;
  }
}

void heading(const std::string& text) { fmt::print("\n{}\n{:-<{}}\n", text, "", width(text)); }

Table& Table::row(std::vector<std::string> cells) {
  if (cells.size() > rows_.front().size())
    throw std::invalid_argument(fmt::format("Table::row: {} cells under a header of {}",
                                            cells.size(), rows_.front().size()));
  cells.resize(rows_.front().size());
  rows_.push_back(std::move(cells));
  return *this;
}

void Table::print() const {
  std::vector<std::size_t> widths(rows_.front().size(), 0);
  for (const auto& row : rows_)
    for (std::size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], width(row[c]));
  for (const auto& row : rows_) {
    std::string line;
    for (std::size_t c = 0; c < row.size(); ++c) {
      const std::string gap(widths[c] - width(row[c]), ' ');
      line += c == 0 ? row[c] + gap : "   " + gap + row[c];
    }
    line.erase(line.find_last_not_of(' ') + 1);
    fmt::print("{}\n", line);
  }
}

// Machines differ in the sign that they give to NaN.
std::string number(double value) {
  return std::isnan(value) ? "nan" : fmt::format("{:.4g}", value + 0.0);  // and -0 is 0
}

std::string fixed(double value, int places) { return fmt::format("{:.{}f}", value, places); }

std::string fixed(const Spread& spread) {
  return fixed(spread.mean) + " ±" + fixed(spread.deviation);
}

void show(Figure& figure) {
  static bool said = false;
  if (figure_failed) return;
  std::fflush(stdout);  // what is known is read while gnuplot works
  try {
    if (figure.save()) {
      ++figures_drawn;
      const std::string root = GRADUS_ROOT "/";
      std::string path = figure.path();
      if (path.starts_with(root)) path.erase(0, root.size());
      fmt::print("figure: {}\n", path);
    } else if (!said) {
      said = true;
      fmt::print("figures skipped: {}\n", Figure::why_unavailable());
    }
  } catch (const std::runtime_error& error) {
    figure_failed = true;
    fmt::print(stderr, "gradus: {}; no other figure is drawn\n", error.what());
  }
}

Progress::Progress(std::string label, int total)
    : label_(std::move(label)), total_(total), terminal_(isatty(STDOUT_FILENO) == 1) {}

Progress::~Progress() { clear_bar(); }

void Progress::clear_bar() const {
  if (terminal_) fmt::print("\r{:79}\r", "");
  std::fflush(stdout);
}

void Progress::advance(const std::string& note) {
  ++done_;
  clear_bar();
  if (!note.empty()) fmt::print("{}\n", note);
  if (!terminal_ || done_ >= total_) return;
  const double left = seconds_since(start_) / done_ * (total_ - done_);
  const int filled = 30 * done_ / total_;
  fmt::print("{} [{:#<{}}{:.<{}}] {}/{}, {:.0f} s left", label_, "", filled, "", 30 - filled, done_,
             total_, left);
  std::fflush(stdout);
}

}  // namespace gradus
