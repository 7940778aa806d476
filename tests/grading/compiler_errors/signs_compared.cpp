#include <vector>

int count(const std::vector<int>& labels) {
  int n = 0;
  for (int i = 0; i < labels.size(); ++i) n += labels[i];
  return n;
}
