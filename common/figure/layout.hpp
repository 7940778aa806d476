// What figures are measured and written with: text, places on the page, ranges and tics. Private to
// the files of this folder.
#pragma once

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "common/figure.hpp"

namespace gradus::layout {

inline constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// Throws std::invalid_argument(message) unless ok.
void check(bool ok, const std::string& message);

// ---- Text ----

std::string quoted(const std::string& text);  // as gnuplot reads it in double quotes
std::string bold(const std::string& text);    // the same in bold, for its enhanced mode
std::string rgb(Colour colour, double opacity = 1);
std::string suffix(const std::string& file);

double text_width(const std::string& text);  // about, in pixels
double longest(const Names& labels);
Names wrapped(const std::string& text, double width);  // its lines

// ---- Places on the page, in pixels from its top left ----

inline constexpr double kLine = 19, kTitleLine = 24;  // heights of a line
inline constexpr double kSample = 40;                 // width of a sample in a key

struct Point {
  double x, y;
};

struct Margins {
  double left = 8, right = 8, top = 8, bottom = 8;
  void widen(const Margins& m) {
    left = std::max(left, m.left);
    right = std::max(right, m.right);
    top = std::max(top, m.top);
    bottom = std::max(bottom, m.bottom);
  }
};

struct Box {
  double left, top, right, bottom;
  double width() const { return right - left; }
  double height() const { return bottom - top; }
  double centre() const { return (left + right) / 2; }
};

// Where the labels of a key begin: in rows of a width at most, each row centred.
std::vector<Point> key_above(const Names& labels, double width, double centre, double top);
double key_height(const Names& labels, double width);

// ---- Ranges and tics ----

struct Tic {
  double at;
  std::string label;  // none: a small tic between two decades
};

double longest(const std::vector<Tic>& tics);

std::string number(double v);
std::vector<Tic> linear_tics(Range range, double most);  // with no more than `most` steps
std::vector<Tic> log_tics(Range range, double most);

// The range of the numbers (of the positive ones on a log axis); {} when there are none.
Range extent(const Values& values, bool log = false);
// An axis for the data: curves fill the width; points, and everything upwards, have some air.
Range linear_range(Range data, bool padded, bool from_zero);
Range log_range(Range data);

}  // namespace gradus::layout
