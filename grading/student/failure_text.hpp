// GoogleTest's words as a student reads them.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace gradus {

// "PerceptronFit.LearnsOr" is the claim "Perceptron fit learns or".
std::string claim(const std::string& test);

// The function that a failure names as not written yet.
std::optional<std::string> not_written(const std::string& failure);

// What was wrong, in a few lines; at least one.
std::vector<std::string> shorten(const std::string& failure);

// What was thrown, as GoogleTest says it, in one line.
std::string exception_text(const std::string& failure);

}  // namespace gradus
