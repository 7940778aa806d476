#include "common/figure/layout.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <sstream>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace gradus::layout {

void check(bool ok, const std::string& message) {
  if (!ok) throw std::invalid_argument(message);
}

// ---- Text ----

// No character means anything but itself.
std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '\n')
      out += "\\n";
    else if (c == '"' || c == '\\' || c == '`' || c == '@')
      out += fmt::format("\\{:03o}", static_cast<int>(c));
    else if (static_cast<unsigned char>(c) < ' ')
      out += ' ';
    else
      out += c;
  }
  return out + '"';
}

std::string bold(const std::string& text) {
  std::string plain;
  for (char c : text) {
    if (std::string_view("\\^_{}@&~").find(c) != std::string::npos) plain += '\\';
    plain += c;
  }
  return quoted("{/:Bold*1.2 " + plain + "}");
}

std::string rgb(Colour colour, double opacity) {
  constexpr std::array kHex = {0x000000, 0x0072b2, 0xd55e00, 0x009e73, 0xe69f00,
                               0xcc79a7, 0x56b4e9, 0x000000, 0x707070, 0xffffff};
  const int transparent = static_cast<int>(std::lround(255 * (1 - std::clamp(opacity, 0.0, 1.0))));
  return fmt::format("rgb '#{:02x}{:06x}'", transparent, kHex[static_cast<std::size_t>(colour)]);
}

std::string suffix(const std::string& file) {
  return std::filesystem::path(file).extension().string();
}

double text_width(const std::string& text) {
  double width = 0;
  for (char c : text) {
    const bool continues = (static_cast<unsigned char>(c) & 0xc0) == 0x80;  // of a UTF-8 character
    const bool narrow = std::string_view(" ijlI.,:;'|!ftr()[]-/").find(c) != std::string::npos;
    const bool wide = std::string_view("mwMW%@").find(c) != std::string::npos;
    width += continues ? 0 : narrow ? 5 : wide ? 13 : 9;
  }
  return width;
}

// Breaks at spaces.
Names wrapped(const std::string& text, double width) {
  Names lines;
  std::istringstream paragraphs(text);
  for (std::string paragraph; std::getline(paragraphs, paragraph);) {
    std::istringstream words(paragraph);
    std::string line;
    for (std::string word; words >> word; line += (line.empty() ? "" : " ") + word)
      if (!line.empty() && text_width(line + ' ' + word) > width)
        lines.push_back(std::exchange(line, ""));
    lines.push_back(line);
  }
  return lines;
}

double longest(const Names& labels) {
  double most = 0;
  for (const std::string& label : labels) most = std::max(most, text_width(label));
  return most;
}

// ---- Places on the page ----

std::vector<Point> key_above(const Names& labels, double width, double centre, double top) {
  std::vector<Point> places;
  std::size_t row = 0;  // the first place of the row
  double x = 0, y = top + kLine / 2;
  const auto centre_row = [&] {
    for (; row < places.size(); ++row) places[row].x += centre - (x - 16) / 2;
  };
  for (const std::string& label : labels) {
    const double entry = kSample + text_width(label) + 16;
    if (x > 0 && x + entry - 16 > width) {
      centre_row();
      x = 0;
      y += kLine;
    }
    places.push_back({x + kSample, y});
    x += entry;
  }
  centre_row();
  return places;
}

double key_height(const Names& labels, double width) {
  return labels.empty() ? 0 : key_above(labels, width, 0, 0).back().y + kLine / 2 + 4;
}

// ---- Ranges and tics ----

double longest(const std::vector<Tic>& tics) {
  double most = 0;
  for (const Tic& tic : tics)
    most = std::max(most, tic.label.starts_with("10^{") ? 40 : text_width(tic.label));
  return most;
}

std::string number(double v) {
  std::string out;
  for (char c : fmt::format("{:.6g}", v == 0 ? 0 : v)) out += c == '-' ? "−" : std::string(1, c);
  return out;
}

// Multiples of 1, 2 or 5 times a power of ten.
std::vector<Tic> linear_tics(Range range, double most) {
  const double lo = std::min(range.lo, range.hi), span = std::abs(range.hi - range.lo);
  double step = std::pow(10, std::floor(std::log10(span / most)));
  for (double factor : {2.0, 2.5, 2.0})
    if (span / step > most) step *= factor;
  const double first = std::ceil(lo / step - 1e-9);
  std::vector<Tic> tics;
  for (int i = 0; i <= most + 1; ++i)
    if (const double at = (first + i) * step; at <= lo + span * (1 + 1e-9))
      tics.push_back({at, number(at)});
  return tics;
}

std::vector<Tic> log_tics(Range range, double most) {
  const double lo = std::min(range.lo, range.hi), hi = std::max(range.lo, range.hi);
  const int first = static_cast<int>(std::floor(std::log10(lo) + 1e-9));
  const int last = static_cast<int>(std::ceil(std::log10(hi) - 1e-9));
  const int every = static_cast<int>(std::ceil((last - first + 1) / most));
  const bool plain = first >= -3 && last <= 4, few = last - first <= 2;
  std::vector<Tic> tics;
  for (int e = first; e <= last; ++e)
    for (int digit = 1; digit <= (every == 1 ? 9 : 1); ++digit) {
      const double at = digit * std::pow(10, e);
      if (at < lo * (1 - 1e-9) || at > hi * (1 + 1e-9)) continue;
      const bool decade = digit == 1 && e % every == 0;
      const bool labelled = decade || (few && plain && (digit == 2 || digit == 5));
      tics.push_back({at, !labelled ? "" : plain ? number(at) : "10^{" + number(e) + "}"});
    }
  return tics;
}

namespace {

// The largest of 1, 2 and 5 times a power of ten that is not above v, or of powers of ten alone.
double snap_down(double v, bool decades) {
  const double decade = std::pow(10, std::floor(std::log10(v) + 1e-9));
  for (double factor : {5.0, 2.0})
    if (!decades && factor * decade <= v * (1 + 1e-9)) return factor * decade;
  return decade;
}

}  // namespace

Range log_range(Range range) {
  if (range.automatic()) range = range.lo > 0 ? Range{range.lo / 2, range.lo * 2} : Range{1, 10};
  const bool decades = range.hi / range.lo > 100;
  return {snap_down(range.lo, decades), 1 / snap_down(1 / range.hi, decades)};
}

Range linear_range(Range range, bool padded, bool from_zero) {
  if (range.hi - range.lo <= 1e-9 * std::max(std::abs(range.lo), std::abs(range.hi))) {
    const double half = std::abs(range.lo) / 2;
    return half == 0 ? Range{0, 1} : Range{range.lo - half, range.lo + half};
  }
  const double pad = padded ? 0.06 * (range.hi - range.lo) : 0;
  if (from_zero && range.lo >= 0 && range.lo < 0.3 * range.hi) return {0, range.hi + pad};
  if (from_zero && range.hi == 0) return {range.lo - pad, 0};
  return {range.lo - pad, range.hi + pad};
}

Range extent(const Values& values, bool log) {
  Range range{std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()};
  for (double v : values) {
    if (!std::isfinite(v) || (log && v <= 0)) continue;
    range = {std::min(range.lo, v), std::max(range.hi, v)};
  }
  return range.lo > range.hi ? Range{} : range;
}

}  // namespace gradus::layout
