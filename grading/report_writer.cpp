#include "grading/report_writer.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string_view>

#include "grading/base/files.hpp"
#include "grading/report.hpp"

namespace fs = std::filesystem;

namespace gradus {
namespace {

std::string heading_of(const std::string& format) { return format == "csv" ? csv_heading() : ""; }

std::string row_of(const std::string& format, const Grade& grade) {
  return format == "csv" ? csv_row(grade) : report_text(grade) + "\n";
}

[[noreturn]] void cannot_write(const std::string& what) {
  throw ToolError(fmt::format("{}: can not be written: {}", what, std::strerror(errno)));
}

void write_all(int out, std::string_view text, const fs::path& file) {
  while (!text.empty()) {
    const ssize_t count = ::write(out, text.data(), text.size());
    if (count <= 0 && errno != EINTR) cannot_write(file.string());
    if (count > 0) text.remove_prefix(static_cast<std::size_t>(count));
  }
}

// Behind what is there.
void append_text(const fs::path& file, const std::string& text) {
  const int out = ::open(file.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
  if (out < 0) cannot_write(file.string());
  try {
    write_all(out, text, file);
  } catch (...) {
    ::close(out);
    throw;
  }
  ::close(out);
}

}  // namespace

std::string render(const std::string& format, const std::vector<Grade>& grades) {
  if (format == "junit") return report_junit(grades);
  if (format == "gradescope" || format == "exercism") {
    if (grades.size() != 1)
      throw ToolError(format + " reports one submission; use csv or junit for several");
    return format == "gradescope" ? report_gradescope(grades[0]) : report_exercism(grades[0]);
  }
  std::string text = heading_of(format);
  for (const Grade& grade : grades) text += row_of(format, grade);
  return text;
}

ReportWriter::ReportWriter(const std::string& format, const fs::path& output, std::size_t count)
    : format_(format),
      output_(output),
      is_file_(!output.empty() && !is_written_into(output)),
      has_rows_(format == "csv" || format == "text"),
      grades_(count) {
  if (!output.empty() && !is_file_) {
    pipe_ = ::open(output.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY);
    if (pipe_ < 0) cannot_write(output.string());
  }
  if (!has_rows_) return;
  if (is_file_)
    write_text(output_, heading_of(format_));
  else
    write(heading_of(format_));
}

ReportWriter::~ReportWriter() {
  if (pipe_ >= 0) ::close(pipe_);
}

void ReportWriter::write(const std::string& text) {
  if (pipe_ >= 0) return write_all(pipe_, text, output_);
  fmt::print("{}", text);
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) cannot_write("the report");
}

void ReportWriter::write_next() {
  for (; next_ < grades_.size() && grades_[next_]; ++next_) write(row_of(format_, *grades_[next_]));
}

void ReportWriter::add(std::size_t i, Grade grade) {
  const std::lock_guard lock(mutex_);
  grades_.at(i) = std::move(grade);
  if (has_rows_ && is_file_)
    append_text(output_, row_of(format_, *grades_[i]));
  else if (has_rows_)
    write_next();
  else if (is_file_ && format_ == "junit")
    write_text(output_, render(format_, in_order()));
}

void ReportWriter::finish() {
  const std::lock_guard lock(mutex_);
  if (is_file_)
    write_text(output_, render(format_, in_order()));
  else if (!has_rows_)
    write(render(format_, in_order()));
  else
    for (; next_ < grades_.size(); ++next_)  // stopped in between: others are missing
      if (grades_[next_]) write(row_of(format_, *grades_[next_]));
}

std::vector<Grade> ReportWriter::in_order() const {
  std::vector<Grade> grades;
  for (const auto& grade : grades_)
    if (grade) grades.push_back(*grade);
  return grades;
}

std::size_t ReportWriter::done() const { return in_order().size(); }

bool ReportWriter::failed() const {
  return std::ranges::any_of(
      grades_, [](const auto& grade) { return grade && grade->verdict == Verdict::grader_error; });
}

}  // namespace gradus
