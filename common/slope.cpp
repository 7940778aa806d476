#include "common/slope.hpp"

#include <algorithm>
#include <cmath>
#include <exception>

namespace gradus {

Rung look(const Slice& f, double x, double middle, double h) {
  h = std::abs(static_cast<Scalar>(x + std::copysign(h, x)) - x);
  const double low = f(x - h), high = f(x + h);
  return {h, (high - low) / (2 * h), (middle - low) / h, (high - middle) / h,
          std::max({std::abs(low), std::abs(middle), std::abs(high)})};
}

double noise_of(const Slice& f, double x, double middle, double h, double most, int steps) {
  Rung before = look(f, x, middle, h);
  while (before.left == 0 && before.right == 0 && h < most) before = look(f, x, middle, h *= 4);
  // No whole ratio: if one step moved L by a whole number of its last digits, all of them would.
  const double ratio = std::pow(30, 1.0 / steps);
  double noise = 0;
  for (int k = 1; k < steps; ++k) {
    const Rung rung = look(f, x, middle, h *= ratio);
    noise = std::max(noise, std::abs(rung.slope - before.slope) * rung.h);
    before = rung;
  }
  return noise;
}

double Ladder::rounding(const Rung& rung) const {
  const double exact = std::numeric_limits<Scalar>::epsilon() / 2 * rung.size;
  return 2 * std::max(noise_, exact) / rung.h;
}

bool Ladder::climb(double h) {
  if (torn_ || h > 8 * std::max(1.0, std::abs(x_))) return false;
  try {
    rungs_.push_back(look(f_, x_, middle_, h));
  } catch (const std::exception&) {  // the loss refuses a place so far from x
    return false;
  }
  if (!std::isfinite(rungs_.back().slope)) {
    rungs_.pop_back();
    return false;
  }
  extrapolate(rungs_.size() - 1);
  return true;
}

// A row of the table from the row before: slope m is free of h^2 … h^2m, by the rungs k - m … k.
// Its error is judged by what it changes in the slope before it and in that of the row before.
void Ladder::extrapolate(std::size_t k) {
  std::vector<double> row = {rungs_[k].slope};
  Estimate found;
  for (std::size_t m = 1; m <= std::min<std::size_t>(k, 3); ++m) {
    const double ratio = rungs_[k].h / rungs_[k - m].h, finer = row_[m - 1];
    row.push_back(finer + (finer - row[m - 1]) / (ratio * ratio - 1));
    double change = std::abs(row[m] - finer);
    if (m < row_.size()) change = std::max(change, std::abs(row[m] - row_[m]));
    const double error = 2 * change + rounding(rungs_[k - m]);
    if (error < found.error) found = {row[m], error, rungs_[k - m].h};
  }
  row_ = row;
  torn_ = std::abs(found.slope - best_.slope) > 2 * (found.error + best_.error);
  if (!torn_ && found.error < best_.error) best_ = found;
}

const Rung* Ladder::kink() const {
  const auto first = std::find_if(rungs_.begin(), rungs_.end(), [this](const Rung& rung) {
    return rung.gap() > 20 * rounding(rung);
  });
  const bool stays = std::all_of(first, rungs_.end(), [&](const Rung& rung) {
    return rung.gap() < 1.5 * first->gap() && first->gap() < 1.5 * rung.gap();
  });
  return first != rungs_.end() && stays ? &*first : nullptr;
}

// Between a rung and the one below, the slope of a side moves by what curvature makes of it.
Sides Ladder::sides() const {
  Sides best;
  for (const Rung *k = kink() + 1, *below = kink(); k < rungs_.data() + rungs_.size();
       below = k++) {
    const double moved =
        std::max(std::abs(k->left - below->left), std::abs(k->right - below->right));
    const double error = 2 * moved + rounding(*k);
    if (error < best.error) best = {k->left, k->right, error};
  }
  return best;
}

// In a smooth loss the gap rises fourfold from rung to rung, 64-fold where L'' is 0.
const Rung* Ladder::kink_beside() const {
  for (std::size_t k = 1; k < rungs_.size(); ++k)
    if (rungs_[k].gap() > 100 * std::max(rungs_[k - 1].gap(), rounding(rungs_[k - 1])))
      return &rungs_[k];
  return nullptr;
}

}  // namespace gradus
