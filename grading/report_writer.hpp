// The report of a class while it is graded: what is done is written, whatever happens next.
#pragma once

#include <cstddef>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "grading/grade.hpp"

namespace gradus {

// Several grades in one report, in this format; throws ToolError where it has none for several.
std::string render(const std::string& format, const std::vector<Grade>& grades);

class ReportWriter {
 public:
  // `output` is a file, or empty for standard output. Writes the heading, so that what cannot be
  // written is known before anything is graded.
  ReportWriter(const std::string& format, const std::filesystem::path& output, std::size_t count);

  ~ReportWriter();
  ReportWriter(const ReportWriter&) = delete;
  ReportWriter& operator=(const ReportWriter&) = delete;

  // The grade of submission i; from several threads. A file gets its row at once, behind those that
  // are there, so that even a grader that is killed loses no row. What is no file, a terminal or a pipe,
  // gets the rows in their order: each as soon as those before it are there.
  void add(std::size_t i, Grade grade);

  // All that is done, in order; the file is put in the place of the one with rows as they came.
  // Throws ToolError if anything could not be written.
  void finish();

  std::size_t done() const;
  bool failed() const;  // is there a grader_error?

 private:
  std::vector<Grade> in_order() const;
  void write(const std::string& text);
  void write_next();

  std::string format_;
  std::filesystem::path output_;
  bool is_file_, has_rows_;
  int pipe_ = -1;  // what is no file stays open: a pipe's reader would take an end for the end
  std::vector<std::optional<Grade>> grades_;
  std::size_t next_ = 0;  // the first row that is not written yet, where they go in order
  std::mutex mutex_;
};

}  // namespace gradus
