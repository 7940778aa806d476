// Grades as people and programs want them.
#pragma once

#include <string>
#include <vector>

#include "grading/grade.hpp"

namespace gradus {

// Each of these ends in a line end, holds no control characters, and says so if the submission
// ran without a sandbox.
std::string report_text(const Grade& grade);
std::string report_gradescope(const Grade& grade);  // results.json
std::string report_exercism(const Grade& grade);    // results.json, version 3
std::string report_junit(const std::vector<Grade>& grades);
std::string csv_heading();
std::string csv_row(const Grade& grade);
std::string report_csv(const std::vector<Grade>& grades);

inline const char* const kUnsafeStamp = "UNSAFE: graded without a sandbox; do not trust this score";

}  // namespace gradus
